"""The console is served by the node itself: static files, and a page that may run only these."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.gateway.conftest import Node, new_envelope, transfer

from tongbao.gateway.routes.console import page

pytestmark = pytest.mark.skipif(page() is None, reason="the console is not built: `make setup`")


def test_the_page_has_a_nonce_of_its_own_in_each_answer(node: Node) -> None:
    nonces = set()
    for path in ("/console/", "/console/lists/parties", "/console/transactions/ab"):
        answer = httpx.get(f"{node.url}{path}")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
        [allowed] = re.findall(r"'nonce-([\w-]+)'", answer.headers["content-security-policy"])
        assert f'nonce="{allowed}"' in answer.text
        nonces.add(allowed)
    assert len(nonces) == 3


def test_nothing_inline_and_nothing_from_elsewhere_is_allowed(node: Node) -> None:
    policy = httpx.get(f"{node.url}/console/").headers["content-security-policy"]
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "frame-ancestors 'none'" in policy


def test_files_of_the_build_never_change_and_nothing_beside_them_is_given(node: Node) -> None:
    text = httpx.get(f"{node.url}/console/").text
    scripts = re.findall(r'src="(/console/assets/[\w.-]+\.js)"', text)
    assert scripts
    for path in scripts:
        answer = httpx.get(f"{node.url}{path}")
        assert "immutable" in answer.headers["cache-control"]
        assert "javascript" in answer.headers["content-type"]
    for path in (
        "/console/assets/none.js",
        "/console/assets/..%2findex.html",
        "/console/assets/.x",
    ):
        answer = httpx.get(f"{node.url}{path}")
        assert answer.status_code == 404, path


def test_the_address_without_a_slash_leads_to_the_page(node: Node) -> None:
    answer = httpx.get(f"{node.url}/console")
    assert (answer.status_code, answer.headers["location"]) == (308, "/console/")


def test_a_transaction_is_told_in_sentences_of_both_languages(node: Node) -> None:
    client = node.client()
    done = client.submit_and_wait(new_envelope(transfer(125)))
    recorded = client.transaction(done.digest)
    [reply], [said_zh] = recorded.sentences, recorded.sentences_zh
    assert "1.25 CNY" in reply and "1.25 CNY" in said_zh
    assert reply != said_zh
