"""Prometheus itself reads the running program's numbers and the alert rules that ship, and its own tool finds nothing
wrong with either."""

import asyncio
import json
import subprocess
from pathlib import Path

import httpx
import pytest

from bot.values import Json
from tests.peers.processes import answers, free_port
from tests.peers.processes import running as process
from tests.running import ROOT, running

pytestmark = pytest.mark.peer("prometheus")
RULES = ROOT / "deploy/prometheus"
CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: vigie
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def promtool(*arguments: str, stdin: str = "") -> str:
    told = subprocess.run(
        ["promtool", *arguments], input=stdin, capture_output=True, text=True, check=False, cwd=RULES
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout + told.stderr


def test_the_rules_can_be_read_and_ring_when_they_should() -> None:
    assert "13 rules found" in promtool("check", "rules", "alerts.yml")
    assert "SUCCESS" in promtool("test", "rules", "alerts_test.yml")


async def test_prometheus_scrapes_it_and_knows_every_series_that_the_rules_and_the_dashboard_ask_for(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as program, httpx.AsyncClient(trust_env=False, timeout=10) as http:
        text = (await http.get(f"{program.url}/metrics")).text
        promtool("check", "metrics", stdin=text)
        port, home = free_port(), tmp_path / "prometheus"
        home.mkdir()
        (home / "prometheus.yml").write_text(CONFIG.format(rules=RULES / "alerts.yml", port=program.port))
        command = [
            *("prometheus", f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/tsdb"),
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        url = f"http://127.0.0.1:{port}"
        with process("prometheus", command, folder=home, ready=lambda: answers(f"{url}/-/ready")):
            assert await _value(http, url, 'vigie_ready{job="vigie"}') == 1
            assert await _value(http, url, 'up{job="vigie"}') == 1
            rules = (await http.get(f"{url}/api/v1/rules")).json()["data"]["groups"][0]["rules"]
            assert len(rules) == 13
            assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
            board = json.loads((ROOT / "deploy/grafana/vigie.json").read_text(encoding="utf-8"))
            for panel in board["panels"]:
                for target in panel["targets"]:
                    asked = target["expr"].replace("$instance", ".*").replace("$__rate_interval", "1m")
                    answer = await http.get(f"{url}/api/v1/query", params={"query": asked})
                    assert answer.json()["status"] == "success", asked


async def _value(http: httpx.AsyncClient, url: str, asked: str) -> float:
    """Of the one series, as soon as it was scraped."""
    async with asyncio.timeout(30):
        while True:
            found: Json = (await http.get(f"{url}/api/v1/query", params={"query": asked})).json()
            if found["data"]["result"]:
                return float(found["data"]["result"][0]["value"][1])
            await asyncio.sleep(0.2)
