"""What comments are about: tagged by stems and phrases in five languages, corrected by hand, held against the score."""
