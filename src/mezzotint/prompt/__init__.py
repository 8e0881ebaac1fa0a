"""The prompt language: from what a person types to weighted tokens."""
