"""The example county: counts from open data, small enough to come with the package."""
