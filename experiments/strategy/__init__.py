"""From a score to an action: how many to choose, what they bring, who changes sides."""
