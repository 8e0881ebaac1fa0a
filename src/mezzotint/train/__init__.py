"""Training: one loop, what it learns from (data), what it minimises (objectives), and what is learned (methods)."""
