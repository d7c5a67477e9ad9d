"""The clock: what time it is, which minutes a cron expression names, and the alarm that rings when one
is due. Knows the clock's ports and no mission, store or platform.
"""
