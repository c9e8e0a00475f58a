"""What is held about a person: taken out whole, or erased for good (GDPR articles 15, 17 and 20)."""
