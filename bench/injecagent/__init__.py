"""InjecAgent-style benchmark: an attacker's tool after a tool's answer. See README.md.

The cases are ours, in the shape the paper describes. InjecAgent's own data was looked for in PyPI's `inspect_evals`
(0.28.0 was looked at) carries AgentDojo's suites and AgentThreatBench's, not InjecAgent's.
"""
