"""Telegram: private chats, groups and topics, over long polling or a webhook.

`connect` opens the door, `inbound` reads what comes in, `cards` and `entities` lay out what goes out, `callbacks`
signs what buttons carry, `outbound` sends, `pace` keeps under the flood limits, `redaction` keeps the token out
of the logs.
"""
