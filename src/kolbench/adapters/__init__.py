"""Adapters read one platform or file shape each and know nothing of the store or the screens."""
