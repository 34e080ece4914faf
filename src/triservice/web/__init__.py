"""The web house: settings, base pages, components, navigation. No domain logic."""
