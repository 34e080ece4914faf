"""People, households, premises and the source records that tell of them."""
