"""AgentThreatBench's poisoned memories, through the real path, with a mind that has fallen already."""
