"""The programme: its rules, who broke them, whether all were treated alike, incentives and agreements."""
