"""The pages for people answer, run nothing and fetch nothing."""

from __future__ import annotations

import re

import pytest
from tests.gateway.conftest import Node


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_answers_and_needs_nothing_from_outside(node: Node, path: str) -> None:
    answer = node.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policies = answer.headers.get_list("content-security-policy")
    assert len(policies) == 1
    assert "default-src 'none'" in policies[0] and "unsafe" not in policies[0]
    assert "script-src" not in policies[0]
    html = answer.text
    assert "<script" not in html and "http://" not in html and "https://" not in html
    assert not re.search(r"style=|onload=|onclick=", html)
    for link in re.findall(r"href='(/[^'#]*)'", html):
        assert node.http.get(link).status_code in (200, 503), link


def test_the_first_page_says_what_it_is_and_leads_on(node: Node) -> None:
    html = node.http.get("/").text
    assert node.application.genesis.chain in html
    for link in ("/docs", "/openapi.json", "/v1/status"):
        assert f"href='{link}'" in html


def test_the_reference_tells_every_request_and_links_lead_somewhere(node: Node) -> None:
    html = node.http.get("/docs").text
    api = node.http.get("/openapi.json").json()
    for path in api["paths"]:
        assert f"<code>{path}</code>" in html.replace("&#x27;", "'"), path
    names = set(re.findall(r"id='([^']+)'", html))
    assert set(re.findall(r"href='#([^']+)'", html)) <= names


def test_other_answers_keep_the_strictest_policy(node: Node) -> None:
    policy = node.http.get("/v1/status").headers["content-security-policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'"
