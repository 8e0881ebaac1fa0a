"""Guidance: one file per way of making a `Denoise`, from a `Denoiser` and prompts or around another `Denoise`."""
