"""A server over standard input that breaks: it dies in a call, answers with one endless line, or greets where only
messages belong. Its environment is a tool, so that a test can see what it was given. Run as a program by the tests.
"""

import asyncio
import json
import os
from typing import Any

import mcp_types as mcp
from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp.server.stdio import stdio_server

TOOLS = ("echo", "die", "flood", "environment")


async def listed(
    context: ServerRequestContext[Any], params: mcp.PaginatedRequestParams | None
) -> mcp.ListToolsResult:
    schema = {"type": "object", "properties": {"text": {"type": "string"}}}
    return mcp.ListToolsResult(tools=[mcp.Tool(name=name, input_schema=schema) for name in TOOLS])


async def called(context: ServerRequestContext[Any], params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
    match params.name:
        case "die":
            os.write(2, f"the secret is {os.environ.get('SECRET')}\n".encode())
            os._exit(3)
        case "flood":
            text = "x" * 30_000_000
        case "environment":
            text = json.dumps(sorted(os.environ))
        case _:
            text = str((params.arguments or {}).get("text"))
    return mcp.CallToolResult(content=[mcp.TextContent(text=text)])


async def main() -> None:
    os.write(1, b"Welcome to the server!\n")
    server = Server("program", on_list_tools=listed, on_call_tool=called)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


if __name__ == "__main__":
    asyncio.run(main())
