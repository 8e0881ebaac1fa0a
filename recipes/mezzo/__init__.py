"""The captioned sprites that the embedded model learns from: fetched, rendered, filtered, credited."""
