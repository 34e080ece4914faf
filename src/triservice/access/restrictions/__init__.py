"""Need-to-know lists: named people to whom alone some records of an agency are open."""
