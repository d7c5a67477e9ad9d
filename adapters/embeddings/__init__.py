"""What a text means, as a row of numbers: the optional half of recall. Nothing here asks a network."""
