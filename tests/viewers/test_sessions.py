"""A browser's session: a cookie that scripts do not read, good for this node's own pages alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tongbao.daemon.solo import running
from tongbao.scenarios import founding
from tongbao.sdk.tokens import PEOPLE_FILE

OWN = {"Sec-Fetch-Site": "same-origin"}
MINGDA = {"party": "mingda", "person": "maker"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("session") / "home"
    founding.set_up(path)
    return path


@pytest.fixture
def browser(home: Path) -> Iterator[httpx.Client]:
    with (
        running(home, founding.passphrase_of(home)) as up,
        httpx.Client(base_url=up.url, headers=OWN) as client,
    ):
        yield client


def who(client: httpx.Client) -> str:
    return str(client.get("/v1/whoami").json()["party"])


def test_somebody_of_the_demonstration_is_chosen_and_left_again(browser: httpx.Client) -> None:
    people = browser.get("/v1/demonstration/people").json()
    assert {"party": "mingda", "person": "maker"}.items() <= people[0].items() or any(
        MINGDA.items() <= one.items() for one in people
    )
    assert who(browser) == ""
    answer = browser.post("/v1/demonstration/login", json=MINGDA)
    cookie = answer.headers["set-cookie"]
    assert answer.json()["token"] == ""
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert who(browser) == "mingda"
    assert browser.get("/v1/holdings").json()["items"]
    browser.post("/v1/logout", json={})
    assert who(browser) == ""
    assert browser.get("/v1/holdings").json()["items"] == []


def test_a_page_of_another_site_acts_for_nobody(browser: httpx.Client) -> None:
    browser.post("/v1/demonstration/login", json=MINGDA)
    body = b'{"chain":"x"}'
    refusals = {
        site: browser.post("/v1/simulate", content=body, headers={
            "Sec-Fetch-Site": site, "Content-Type": "application/json",
        }).json()["name"]
        for site in ("same-origin", "cross-site", "same-site", "none")
    }  # fmt: skip
    assert refusals.pop("same-origin") == "MALFORMED"
    assert len(set(refusals.values())) == 1
    for site in refusals:
        browser.post("/v1/logout", json={}, headers={"Sec-Fetch-Site": site})


def test_a_session_that_has_ended_still_reads_what_is_public(browser: httpx.Client) -> None:
    browser.cookies.set("tongbao_session", "never-given")
    assert browser.get("/v1/parties").status_code == 200
    assert who(browser) == ""


def test_a_node_without_a_demonstration_knows_no_such_people(home: Path) -> None:
    people = home / PEOPLE_FILE
    kept = people.read_bytes()
    people.unlink()
    try:
        with running(home, founding.passphrase_of(home)) as up:
            assert httpx.get(f"{up.url}/v1/demonstration/people").status_code == 404
            given = httpx.post(f"{up.url}/v1/demonstration/login", json=MINGDA)
            assert given.status_code == 404 and "set-cookie" not in given.headers
    finally:
        people.write_bytes(kept)
        people.chmod(0o600)
