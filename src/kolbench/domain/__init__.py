"""The field's own nouns and rules, free of storage, network and screens."""
