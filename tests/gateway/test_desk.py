"""The batch desk over HTTP: a file from upload to the last payment, with maker and checker."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.gateway.conftest import TODAY, Node, new_envelope, payroll, refused, transfer

from tongbao.gateway.node_ledger import NodeLedger
from tongbao.gateway.services import NodeServices
from tongbao.iso20022 import read_pain002, read_statement
from tongbao.kernel.codes import Refusal
from tongbao.modules.payments import PaymentsCode
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.plan import reference_of
from tongbao.scenarios import consortium
from tongbao.sdk import Client
from tongbao.sdk import desk as sdk
from tongbao.sdk.desk import DeskClient, DeskFile
from tongbao.sdk.wallet import Wallet


@pytest.fixture
def client(desk_node: Node) -> Client:
    return desk_node.client()


def balance(node: Node, account: str) -> int:
    holding = node.application.view().holding(account, "CNY")
    return 0 if holding is None else holding.posted


def ended(client: Client, name: str) -> DeskFile:
    def pauses() -> Iterator[float]:
        for _ in range(400):
            time.sleep(0.05)
            yield 0.05

    *_, last = sdk.follow(client, name, pauses=pauses())
    return last


def approved(maker: DeskClient, checker: DeskClient, content: bytes) -> DeskFile:
    return checker.sign(maker.sign(maker.upload(content, "payroll.xml")))


def test_a_file_goes_from_upload_to_the_last_payment_under_four_eyes(
    desk_node: Node, client: Client, maker: DeskClient, checker: DeskClient
) -> None:
    content = payroll()
    taken = maker.upload(content, "payroll.xml")
    assert (taken.state, taken.states, taken.party) == ("open", {"ready": 3}, "hengtong")
    assert taken.missing == ("2 more signature(s)", "the approval of a second person")
    signed = maker.sign(taken)
    assert signed.missing == ("1 more signature(s)", "the approval of a second person")
    problem = refused(lambda: maker.release(signed))
    assert (problem.code, problem.status) == (DeskCode.NOT_APPROVED, 409)
    before = balance(desk_node, "hengtong/main")
    good = checker.sign(signed)
    assert not good.missing
    released = maker.release(good)
    assert released.state == "released"
    done = ended(client, taken.file)
    assert (done.state, done.states) == ("done", {"settled": 3})
    paid = sum(int(value) for value in done.totals.values())
    assert before - balance(desk_node, "hengtong/main") == paid
    report = read_pain002(client.call(sdk.document(taken.file, "pain.002")))
    statuses = [one.status for one in report.payment_informations[0].transactions]
    assert statuses == ["ACSC"] * 3
    notice = read_statement(client.call(sdk.document(taken.file, "camt.054")))
    assert sum(entry.amount_minor for entry in notice.statements[0].entries) == paid
    payment = next(client.walk(sdk.payments(taken.file, state="settled")))
    assert payment.height > 0
    assert client.receipt(payment.digest)
    acts = [(one.action, one.label) for one in client.walk(sdk.acts(taken.file))]
    assert acts == [
        ("upload", "maker"), ("sign", "maker"), ("sign", "checker"), ("release", "maker")
    ]  # fmt: skip


def test_the_same_bytes_are_the_same_file_and_other_bytes_under_the_message_id_are_refused(
    maker: DeskClient,
) -> None:
    content = payroll()
    first = maker.upload(content, "a.xml")
    assert maker.upload(content, "b.xml").file == first.file
    problem = refused(lambda: maker.upload(content + b"\n", "c.xml"))
    assert (problem.code, problem.values["file"]) == (DeskCode.MESSAGE_ID_USED, first.file)


def test_a_file_that_was_paid_without_the_desk_is_refused_as_a_duplicate(
    desk_node: Node, client: Client, maker: DeskClient
) -> None:
    content = payroll()
    [message_id] = re.findall(rb"<MsgId>([^<]*)</MsgId>", content)
    reference = reference_of(message_id.decode(), 1)
    client.submit([new_envelope(transfer(), reference=reference)])
    problem = refused(lambda: maker.upload(content, "paid.xml"))
    assert (problem.code, problem.values["reference"]) == (DeskCode.ANSWERED_BEFORE, reference)


def test_a_desk_does_not_start_by_the_time_of_a_zone_that_is_none(desk_node: Node) -> None:
    services = NodeServices(desk_node.application, desk_node.engine)
    with pytest.raises(Refusal) as caught:
        NodeLedger(services, "Mars/Olympus")
    assert caught.value.code is DeskCode.BAD_ZONE


def test_an_end_to_end_id_of_another_file_refuses_that_payment_until_it_is_repaired(
    client: Client, maker: DeskClient
) -> None:
    content = payroll()
    first = maker.upload(content, "a.xml")
    again = content.replace(b"<MsgId>", b"<MsgId>X").replace(b"SAL-", b"OTH-", 2)
    again = re.sub(rb"<UETR>[^<]*</UETR>", b"", again)
    second = maker.upload(again, "b.xml")
    assert second.states == {"ready": 2, "refused": 1}
    (bad,) = client.walk(sdk.payments(second.file, state="refused"))
    assert (bad.rule, bad.reason) == ("rule.duplicate_across_files", "DU04")
    assert first.file in bad.text
    fixed = maker.repair(second, bad.item, {"PmtId/EndToEndId": "OTH-3"})
    assert fixed.states == {"ready": 3}


def test_a_repair_keeps_who_when_old_and_new_and_takes_the_signatures_away(
    client: Client, maker: DeskClient, checker: DeskClient
) -> None:
    number = consortium.employee_account(1)[1].encode()
    content = payroll(2).replace(number, b"6217999999999999999", 1)
    taken = maker.sign(maker.upload(content, "p.xml"))
    (bad,) = client.walk(sdk.payments(taken.file, state="refused"))
    assert (bad.rule, bad.reason) == ("desk.creditor_account", "AC03")
    fixed = checker.repair(taken, bad.item, {
        "CdtrAcct/Id/Othr/Id": number.decode(), "Amt/InstdAmt": "4600.00",
        "RmtInf/Ustrd": "Salary, corrected",
    })  # fmt: skip
    assert fixed.states == {"ready": 2}
    assert all(not batch.signed_by for batch in client.walk(sdk.batches(taken.file)))
    acts = [a for a in client.walk(sdk.acts(taken.file)) if a.action == "repair"]
    assert [(a.label, a.item, a.path) for a in acts] == [
        ("checker", bad.item, "CdtrAcct/Id/Othr/Id"),
        ("checker", bad.item, "Amt/InstdAmt"),
        ("checker", bad.item, "RmtInf/Ustrd"),
    ]
    assert (acts[0].old, acts[0].new) == ("6217999999999999999", number.decode())
    # Whoever changed it is a maker now; so both desks of the company are, and nobody approves.
    both = checker.sign(maker.sign(fixed))
    assert both.missing == ("the approval of a second person",)
    standing = client.call(sdk.document(taken.file, "content"))
    assert b"4600.00" in standing
    assert content != standing


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Nowhere/Id": "x"}, DeskCode.BAD_REPAIR),
        ({"CdtrAcct/Id": "x"}, DeskCode.BAD_REPAIR),
        ({"Amt/InstdAmt/@Foo": "x"}, DeskCode.BAD_REPAIR),
        ({"RmtInf/Ustrd[9]": "x"}, DeskCode.BAD_REPAIR),
        ({"RmtInf/Ustrd[x]": "x"}, DeskCode.BAD_REPAIR),
        ({"Purp/Cd": "\x00"}, DeskCode.BAD_REPAIR),
        ({"Purp/Cd": ""}, None),
        ({"CdtrAcct/Id/IBAN": "DE89370400440532013000"}, None),
        ({"Amt/InstdAmt": "ten"}, DeskCode.FILE_REFUSED),
        ({"ChrgBr": "NONE"}, DeskCode.FILE_REFUSED),
    ],
)
def test_a_repair_sets_what_the_schema_knows_and_nothing_else(
    maker: DeskClient, changes: dict[str, str], code: DeskCode | None
) -> None:
    taken = maker.upload(payroll(), "p.xml")
    if code is None:
        assert maker.repair(taken, 1, changes).version == taken.version + 1
        return
    problem = refused(lambda: maker.repair(taken, 1, changes))
    assert problem.code == code
    assert code is DeskCode.BAD_REPAIR or problem.document.errors[0]["path"].endswith(
        next(iter(changes))
    )


def test_a_file_that_is_refused_whole_names_line_path_value_and_rule(maker: DeskClient) -> None:
    content = payroll().replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>XXX</PmtMtd>")
    problem = refused(lambda: maker.upload(content, "p.xml"))
    assert (problem.code, problem.status) == (DeskCode.FILE_REFUSED, 422)
    (error,) = problem.document.errors
    assert error["rule"] == "xsd.enumeration"
    assert (error["value"], error["path"].split("/")[-1]) == ("XXX", "PmtMtd")
    assert error["line"] > 0


def test_a_key_approves_no_more_than_its_limit_and_two_keys_set_it(
    client: Client, wallet: Wallet, checker: DeskClient, maker: DeskClient
) -> None:
    both = DeskClient(client, wallet, "hengtong", "maker,checker")
    key = wallet.public("hengtong--checker").id
    assert refused(lambda: maker.limit(key, "CNY", 5)).code == DeskCode.LIMIT_NEEDS_TWO
    both.limit(key, "CNY", 100)
    try:
        assert [one.most_minor for one in client.walk(sdk.limits("hengtong"))] == ["100"]
        signed = maker.sign(maker.upload(payroll(), "p.xml"))
        problem = refused(lambda: checker.sign(signed))
        assert (problem.code, problem.values["limit"]) == (DeskCode.OVER_LIMIT, "100")
        assert "may approve 1.00 CNY, the file has " in problem.detail
        both.limit(key, "CNY", 10**12)
        assert not checker.sign(signed).missing
        both.limit(key, "CNY", 100)
        # A limit that was lowered since holds at the release as well.
        problem = refused(lambda: maker.release(client.call(sdk.file(signed.file))))
        assert problem.code == DeskCode.NOT_APPROVED
        assert "limit" not in problem.document.detail_zh
        # A mistyped key or currency would hold nobody back.
        for mistyped in (("chequer", "CNY"), (key, "cny"), (key, "CN¥")):
            refused(lambda of=mistyped: both.limit(*of, 5))
    finally:
        both.limit(key, "CNY", -1)
    assert list(client.walk(sdk.limits("hengtong"))) == []


def test_what_was_signed_over_another_version_is_refused(maker: DeskClient) -> None:
    taken = maker.upload(payroll(), "p.xml")
    maker.check(taken)
    problem = refused(lambda: maker.check(taken))
    assert (problem.code, problem.status) == (DeskCode.CHANGED_SINCE, 409)


def test_a_check_keeps_signatures_over_batches_that_came_out_the_same(
    client: Client, maker: DeskClient
) -> None:
    signed = maker.sign(maker.upload(payroll(), "p.xml"))
    checked = maker.check(signed)
    assert all(one.signed_by for one in client.walk(sdk.batches(signed.file)))
    later = int((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1000)
    planned = maker.check(checked, later)
    assert planned.planned_at_ms == later
    assert not any(one.signed_by for one in client.walk(sdk.batches(signed.file)))


def test_a_file_is_released_at_a_time_within_which_its_signatures_count(
    client: Client, maker: DeskClient, checker: DeskClient
) -> None:
    good = approved(maker, checker, payroll())
    far = int((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1000)
    problem = refused(lambda: maker.release(good, far))
    assert (problem.code, problem.status) == (DeskCode.OUTSIDE_WINDOW, 409)
    soon = int(time.time() * 1000) + 1_500
    released = maker.release(good, soon)
    assert (released.state, released.release_at_ms) == ("released", soon)
    assert client.call(sdk.file(good.file)).states == {"ready": 3}
    assert ended(client, good.file).states == {"settled": 3}
    assert int(time.time() * 1000) >= soon
    paid = next(client.walk(sdk.payments(good.file)))
    assert paid.settled_at_ms >= soon


def test_a_group_waits_for_its_requested_date_and_can_be_cancelled_till_then(
    client: Client, maker: DeskClient, checker: DeskClient
) -> None:
    content = payroll(day=TODAY + timedelta(days=2))
    good = approved(maker, checker, content)
    released = maker.release(good)
    (batch,) = client.walk(sdk.batches(good.file))
    assert batch.due_at_ms > released.release_at_ms
    report = read_pain002(client.call(sdk.document(good.file, "pain.002")))
    assert report.group.status == "PDNG"
    cancelled = maker.cancel(client.call(sdk.file(good.file)))
    assert (cancelled.state, cancelled.states) == ("cancelled", {"cancelled": 3})
    report = read_pain002(client.call(sdk.document(good.file, "pain.002")))
    assert report.payment_informations[0].transactions[0].reasons[0].code == "DS02"
    # Nothing was sent, so the same bytes may come again.
    assert maker.upload(content, "again.xml").file != good.file
    assert refused(lambda: maker.cancel(cancelled)).code == DeskCode.WRONG_STATE


def test_only_the_owner_of_the_payer_s_account_pays_and_only_its_people_touch_the_file(
    client: Client, wallet: Wallet, maker: DeskClient
) -> None:
    stranger = DeskClient(client, wallet, "mingda", "maker")
    other = stranger.upload(payroll(), "p.xml")
    assert other.states == {"refused": 3}
    (first, *_) = client.walk(sdk.payments(other.file))
    assert first.rule == "desk.other_party"
    mine = maker.upload(payroll(), "p.xml")
    assert refused(lambda: stranger.sign(mine)).code == DeskCode.NOT_YOUR_FILE
    assert refused(lambda: stranger.release(other)).code == DeskCode.NOTHING_TO_PAY


def test_a_ledger_s_refusal_is_each_payment_s_reason(client: Client, wallet: Wallet) -> None:
    poor = DeskClient(client, wallet, "mingda", "maker")
    content = payroll(4).replace(b"hengtong/main", b"mingda/main")
    content = content.replace(b"<MsgId>PAY", b"<MsgId>POO", 1)
    known = poor.upload(content, "p.xml")
    for item in range(1, 5):
        known = poor.repair(known, item, {"Amt/InstdAmt": "900000.00"})
    second = DeskClient(client, wallet, "mingda", "checker")
    poor.release(second.sign(poor.sign(known)))
    done = ended(client, known.file)
    assert done.states == {"settled": 2, "rejected": 2}
    bad = next(client.walk(sdk.payments(known.file, state="rejected")))
    assert (bad.reason, bad.rule) == (
        "AM04", f"INSUFFICIENT_FUNDS {int(PaymentsCode.INSUFFICIENT_FUNDS)}"
    )  # fmt: skip
    report = read_pain002(client.call(sdk.document(known.file, "pain.002")))
    assert report.group.status == "PART"


def test_lists_are_paged_and_filtered(desk_node: Node, client: Client, maker: DeskClient) -> None:
    taken = maker.upload(payroll(5), "pages.xml")
    http = desk_node.http
    page = http.get(f"/v1/desk/files/{taken.file}/payments?limit=2").json()
    assert [one["item"] for one in page["items"]] == [1, 2]
    after = http.get(
        f"/v1/desk/files/{taken.file}/payments?limit=2&cursor={page['next_cursor']}"
    ).json()
    assert [one["item"] for one in after["items"]] == [3, 4]
    newest = next(client.walk(sdk.files(state="open", party="hengtong")))
    assert newest.file == taken.file
    listed = http.get("/v1/desk/files?limit=1").json()
    assert listed["next_cursor"]
    for path in ("/v1/desk/files?cursor=x", f"/v1/desk/files/{taken.file}/acts?cursor=-1"):
        assert http.get(path).json()["name"] == "BAD_CURSOR"
    assert http.get("/v1/desk/files/D-000000000000").status_code == 404
    assert http.get(f"/v1/desk/files/{taken.file}/camt.054").status_code == 404


def test_a_node_without_a_desk_says_so(node: Node) -> None:
    answer = node.http.get("/v1/desk/files")
    assert (answer.status_code, answer.json()["code"]) == (501, DeskCode.NO_DESK)
