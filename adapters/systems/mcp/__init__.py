"""MCP servers as systems: any of the usual `mcpServers` file, over streamable HTTP or started here. Needs the extra
`mcp`.
"""

from adapters.systems.mcp.classes import ClassFile
from adapters.systems.mcp.server import McpServer
from adapters.systems.mcp.servers import ServerFile

__all__ = ["ClassFile", "McpServer", "ServerFile"]
