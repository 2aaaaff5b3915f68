"""Past answers: taken in from the files that survey tools and people keep, and written out into such files again."""
