"""Agencies, the areas they cover, posts, the officers who hold them, and how they sign in."""
