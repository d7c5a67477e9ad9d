"""Vigie beside other bots and agents, under the same load, in one run. See bench/README.md."""
