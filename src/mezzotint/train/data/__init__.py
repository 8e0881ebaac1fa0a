"""What training learns from. Every batch is a pure function of (seed, step), so an interrupted run resumes exactly."""
