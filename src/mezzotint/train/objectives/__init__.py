"""What training minimises: one file per objective, each a function of the step alone."""
