"""Where demand is unusually high: densities, local statistics, rates, severity and trend."""
