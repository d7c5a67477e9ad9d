"""AgentDojo through the real turn, policy, proposals and executor. See README.md."""
