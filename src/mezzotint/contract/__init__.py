"""What can be asked and what comes back: requests, results, events and infotext. Needs no torch."""
