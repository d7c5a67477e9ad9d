"""Chats: how people reach the assistant and how its words reach them. Platforms never see each other."""
