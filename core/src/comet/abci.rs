//! ABCI 2.0: what the engine asks and what it is answered, between protobuf and plain data.
//!
//! Types come from tendermint-proto. Times are nanoseconds since 1970, UTC.

use prost::bytes::Bytes;
use prost::encoding::decode_varint;
use prost::Message;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::{self, request::Value as Asked, response::Value as Answer};
use tendermint_proto::v0_38::crypto::{public_key, PublicKey};
use tendermint_proto::v0_38::types as raw;

use crate::fault::{refuse, Fault, Outcome};
use crate::plain::{Fields, Plain};

/// What the engine asked: its name, and its fields.
pub type Call = (&'static str, Fields);

/// Take whole messages from the front of a stream: the calls, and how many bytes they took.
pub fn split(stream: &[u8], longest: usize) -> Outcome<(Vec<Call>, usize)> {
    let mut found = Vec::new();
    let mut taken = 0;
    while let Some((length, start)) = prefix(&stream[taken..])? {
        if length > longest {
            return refuse(format!("a message of {length} bytes is longer than {longest}"));
        }
        if stream[taken..].get(start..start + length).is_none() {
            break;
        }
        found.push(taken + start..taken + start + length);
        taken += start + length;
    }
    // One copy of all of them; what they hold are parts of it.
    let whole = Bytes::copy_from_slice(&stream[..taken]);
    let calls = found.into_iter().map(|range| read(whole.slice(range)));
    Ok((calls.collect::<Outcome<_>>()?, taken))
}

/// The length before a message and the bytes it takes; None where it is not all there.
fn prefix(stream: &[u8]) -> Outcome<Option<(usize, usize)>> {
    let mut rest = stream;
    let whole = stream.iter().take(10).any(|byte| byte & 0x80 == 0);
    if !whole {
        return if stream.len() < 10 {
            Ok(None)
        } else {
            refuse("a length of more than ten bytes")
        };
    }
    let length = decode_varint(&mut rest).map_err(|e| Fault(e.to_string()))?;
    let length = usize::try_from(length).map_err(|_| Fault::new("a length out of range"))?;
    Ok(Some((length, stream.len() - rest.len())))
}

fn read(message: Bytes) -> Outcome<Call> {
    let request = abci::Request::decode(message)
        .map_err(|e| Fault(format!("this is not an ABCI request: {e}")))?;
    let Some(asked) = request.value else { return refuse("an ABCI request that asks nothing") };
    Ok(match asked {
        Asked::Echo(one) => ("echo", Fields::of([("message", one.message.into())])),
        Asked::Flush(_) => ("flush", Fields::default()),
        Asked::Info(one) => ("info", info(one)),
        Asked::InitChain(one) => ("init_chain", init_chain(one)?),
        Asked::Query(one) => ("query", query(one)),
        Asked::CheckTx(one) => {
            let recheck = Plain::Bool(one.r#type == abci::CheckTxType::Recheck as i32);
            ("check_tx", Fields::of([("tx", one.tx.into()), ("recheck", recheck)]))
        }
        Asked::Commit(_) => ("commit", Fields::default()),
        Asked::ListSnapshots(_) => ("list_snapshots", Fields::default()),
        Asked::OfferSnapshot(one) => ("offer_snapshot", offer(one)),
        Asked::LoadSnapshotChunk(one) => ("load_snapshot_chunk", chunk_wanted(one)),
        Asked::ApplySnapshotChunk(one) => ("apply_snapshot_chunk", chunk(one)),
        Asked::PrepareProposal(one) => ("prepare_proposal", prepare(one)?),
        Asked::ProcessProposal(one) => ("process_proposal", process(one)?),
        Asked::ExtendVote(one) => ("extend_vote", Fields::of([("height", one.height.into())])),
        Asked::VerifyVoteExtension(one) => {
            let extension = one.vote_extension[..].into();
            let fields = [("height", one.height.into()), ("vote_extension", extension)];
            ("verify_vote_extension", Fields::of(fields))
        }
        Asked::FinalizeBlock(one) => ("finalize_block", finalize(one)?),
    })
}

fn info(one: abci::RequestInfo) -> Fields {
    Fields::of([("version", one.version.into()), ("abci_version", one.abci_version.into())])
}

fn init_chain(one: abci::RequestInitChain) -> Outcome<Fields> {
    let validators = one.validators.into_iter().map(validator_update).collect::<Outcome<_>>()?;
    let params = one.consensus_params.unwrap_or_default();
    let block = params.block.unwrap_or_default();
    Ok(Fields::of([
        ("time_ns", time_ns(one.time)?),
        ("chain_id", one.chain_id.into()),
        ("validators", Plain::List(validators)),
        ("app_state", one.app_state_bytes[..].into()),
        ("initial_height", one.initial_height.into()),
        ("max_bytes", block.max_bytes.into()),
        ("max_gas", block.max_gas.into()),
    ]))
}

fn validator_update(one: abci::ValidatorUpdate) -> Outcome<Plain> {
    let key = match one.pub_key.and_then(|key| key.sum) {
        Some(public_key::Sum::Ed25519(key)) => key,
        _ => return refuse("a validator's key is not an Ed25519 public key"),
    };
    let fields = [("public", key[..].into()), ("power", one.power.into())];
    Ok(Plain::Fields(Fields::of(fields)))
}

fn query(one: abci::RequestQuery) -> Fields {
    Fields::of([
        ("path", one.path.into()),
        ("data", one.data[..].into()),
        ("height", one.height.into()),
        ("prove", Plain::Bool(one.prove)),
    ])
}

fn offer(one: abci::RequestOfferSnapshot) -> Fields {
    let snapshot = one.snapshot.unwrap_or_default();
    Fields::of([
        ("height", (snapshot.height as i64).into()),
        ("format", i64::from(snapshot.format).into()),
        ("chunks", i64::from(snapshot.chunks).into()),
        ("hash", snapshot.hash[..].into()),
        ("metadata", snapshot.metadata[..].into()),
        ("app_hash", one.app_hash[..].into()),
    ])
}

fn chunk_wanted(one: abci::RequestLoadSnapshotChunk) -> Fields {
    Fields::of([
        ("height", (one.height as i64).into()),
        ("format", i64::from(one.format).into()),
        ("chunk", i64::from(one.chunk).into()),
    ])
}

fn chunk(one: abci::RequestApplySnapshotChunk) -> Fields {
    Fields::of([
        ("index", i64::from(one.index).into()),
        ("chunk", one.chunk[..].into()),
        ("sender", one.sender.into()),
    ])
}

fn prepare(one: abci::RequestPrepareProposal) -> Outcome<Fields> {
    Ok(Fields::of([
        ("max_tx_bytes", one.max_tx_bytes.into()),
        ("txs", one.txs.into_iter().collect()),
        ("misbehavior", misbehavior(one.misbehavior)?),
        ("height", one.height.into()),
        ("time_ns", time_ns(one.time)?),
    ]))
}

fn process(one: abci::RequestProcessProposal) -> Outcome<Fields> {
    Ok(Fields::of([
        ("txs", one.txs.into_iter().collect()),
        ("misbehavior", misbehavior(one.misbehavior)?),
        ("hash", one.hash[..].into()),
        ("height", one.height.into()),
        ("time_ns", time_ns(one.time)?),
    ]))
}

fn finalize(one: abci::RequestFinalizeBlock) -> Outcome<Fields> {
    Ok(Fields::of([
        ("txs", one.txs.into_iter().collect()),
        ("misbehavior", misbehavior(one.misbehavior)?),
        ("hash", one.hash[..].into()),
        ("height", one.height.into()),
        ("time_ns", time_ns(one.time)?),
        ("proposer_address", one.proposer_address[..].into()),
    ]))
}

fn misbehavior(many: Vec<abci::Misbehavior>) -> Outcome<Plain> {
    let one = |one: abci::Misbehavior| {
        let validator = one.validator.unwrap_or_default();
        Ok(Plain::Fields(Fields::of([
            ("type", i64::from(one.r#type).into()),
            ("address", validator.address[..].into()),
            ("power", validator.power.into()),
            ("height", one.height.into()),
            ("time_ns", time_ns(one.time)?),
        ])))
    };
    Ok(Plain::List(many.into_iter().map(one).collect::<Outcome<_>>()?))
}

fn time_ns(time: Option<Timestamp>) -> Outcome<Plain> {
    let time = time.unwrap_or_default();
    let seconds = time.seconds.checked_mul(1_000_000_000);
    let all = seconds.and_then(|ns| ns.checked_add(i64::from(time.nanos)));
    all.map(Plain::Int).ok_or_else(|| Fault::new("a time is out of range"))
}

/// Encode an answer, with its length before it.
pub fn answer(kind: &str, fields: &Fields) -> Outcome<Vec<u8>> {
    let value = match kind {
        "exception" => Answer::Exception(abci::ResponseException { error: fields.text("error")? }),
        "echo" => Answer::Echo(abci::ResponseEcho { message: fields.text("message")? }),
        "flush" => Answer::Flush(abci::ResponseFlush {}),
        "info" => Answer::Info(info_answer(fields)?),
        "init_chain" => Answer::InitChain(abci::ResponseInitChain {
            app_hash: fields.bytes("app_hash")?,
            ..Default::default()
        }),
        "query" => Answer::Query(query_answer(fields)?),
        "check_tx" => Answer::CheckTx(abci::ResponseCheckTx {
            code: fields.narrow("code")?,
            log: fields.text("log")?,
            codespace: fields.text("codespace")?,
            ..Default::default()
        }),
        "commit" => {
            Answer::Commit(abci::ResponseCommit { retain_height: fields.int("retain_height")? })
        }
        "list_snapshots" => {
            let rows = fields.rows("snapshots")?;
            let snapshots = rows.into_iter().map(snapshot).collect::<Outcome<_>>()?;
            Answer::ListSnapshots(abci::ResponseListSnapshots { snapshots })
        }
        "offer_snapshot" => {
            Answer::OfferSnapshot(abci::ResponseOfferSnapshot { result: fields.narrow("result")? })
        }
        "load_snapshot_chunk" => Answer::LoadSnapshotChunk(abci::ResponseLoadSnapshotChunk {
            chunk: fields.bytes("chunk")?,
        }),
        "apply_snapshot_chunk" => Answer::ApplySnapshotChunk(chunk_answer(fields)?),
        "prepare_proposal" => Answer::PrepareProposal(abci::ResponsePrepareProposal {
            txs: fields.many_bytes("txs")?,
        }),
        "process_proposal" => Answer::ProcessProposal(abci::ResponseProcessProposal {
            status: fields.narrow("status")?,
        }),
        "extend_vote" => Answer::ExtendVote(abci::ResponseExtendVote::default()),
        "verify_vote_extension" => Answer::VerifyVoteExtension(abci::ResponseVerifyVoteExtension {
            status: fields.narrow("status")?,
        }),
        _ => return refuse(format!("there is no answer called {kind}")),
    };
    Ok(encoded(value))
}

fn encoded(value: Answer) -> Vec<u8> {
    abci::Response { value: Some(value) }.encode_length_delimited_to_vec()
}

/// What became of one transaction.
pub struct Result {
    /// 0, or why not.
    pub code: u32,
    /// Under the results hash.
    pub data: Bytes,
    /// Each by its type, with attributes as a flat list of name, value, name, value.
    pub events: Vec<(String, Vec<String>)>,
}

/// Encode the answer about a decided block. Its results come apart: there are many of them.
pub fn finalized(results: Vec<Result>, fields: &Fields) -> Outcome<Vec<u8>> {
    let result = |one: Result| {
        let events = one.events.into_iter().map(|(kind, words)| event(kind, words));
        Ok(abci::ExecTxResult {
            code: one.code,
            data: one.data,
            events: events.collect::<Outcome<_>>()?,
            ..Default::default()
        })
    };
    let results = results.into_iter().map(result).collect::<Outcome<_>>()?;
    Ok(encoded(Answer::FinalizeBlock(finalize_answer(results, fields)?)))
}

fn info_answer(fields: &Fields) -> Outcome<abci::ResponseInfo> {
    Ok(abci::ResponseInfo {
        data: fields.text("data")?,
        version: fields.text("version")?,
        app_version: fields.narrow("app_version")?,
        last_block_height: fields.int("last_block_height")?,
        last_block_app_hash: fields.bytes("last_block_app_hash")?,
    })
}

fn query_answer(fields: &Fields) -> Outcome<abci::ResponseQuery> {
    Ok(abci::ResponseQuery {
        code: fields.narrow("code")?,
        log: fields.text("log")?,
        key: fields.bytes("key")?,
        value: fields.bytes("value")?,
        height: fields.int("height")?,
        codespace: fields.text("codespace")?,
        ..Default::default()
    })
}

fn snapshot(fields: &Fields) -> Outcome<abci::Snapshot> {
    Ok(abci::Snapshot {
        height: fields.narrow("height")?,
        format: fields.narrow("format")?,
        chunks: fields.narrow("chunks")?,
        hash: fields.bytes("hash")?,
        metadata: fields.bytes("metadata")?,
    })
}

fn chunk_answer(fields: &Fields) -> Outcome<abci::ResponseApplySnapshotChunk> {
    let number = |one: &Plain| match one {
        Plain::Int(number) => u32::try_from(*number).map_err(|_| Fault::new("no chunk's number")),
        _ => refuse("refetch_chunks holds what is not a number"),
    };
    let text = |one: &Plain| match one {
        Plain::Text(text) => Ok(text.clone()),
        _ => refuse("reject_senders holds what is not text"),
    };
    Ok(abci::ResponseApplySnapshotChunk {
        result: fields.narrow("result")?,
        refetch_chunks: fields
            .list("refetch_chunks")?
            .iter()
            .map(number)
            .collect::<Outcome<_>>()?,
        reject_senders: fields.list("reject_senders")?.iter().map(text).collect::<Outcome<_>>()?,
    })
}

fn finalize_answer(
    tx_results: Vec<abci::ExecTxResult>,
    fields: &Fields,
) -> Outcome<abci::ResponseFinalizeBlock> {
    let update = |row: &Fields| {
        let sum = Some(public_key::Sum::Ed25519(row.bytes("public")?.into()));
        Ok(abci::ValidatorUpdate { pub_key: Some(PublicKey { sum }), power: row.int("power")? })
    };
    let app = fields.int("app_version")?;
    let version = raw::VersionParams { app: app as u64 };
    let params = raw::ConsensusParams { version: Some(version), ..Default::default() };
    Ok(abci::ResponseFinalizeBlock {
        events: events(fields)?,
        tx_results,
        validator_updates: fields
            .rows("validator_updates")?
            .into_iter()
            .map(update)
            .collect::<Outcome<_>>()?,
        consensus_param_updates: (app > 0).then_some(params),
        app_hash: fields.bytes("app_hash")?,
    })
}

fn events(fields: &Fields) -> Outcome<Vec<abci::Event>> {
    let word = |item: &Plain| match item {
        Plain::Text(text) => Ok(text.clone()),
        _ => Err(Fault::new("an event's attribute is not text")),
    };
    let one = |row: &Fields| {
        let words = row.list("attributes")?.iter().map(word).collect::<Outcome<_>>()?;
        event(row.text("type")?, words)
    };
    fields.rows("events")?.into_iter().map(one).collect()
}

fn event(kind: String, words: Vec<String>) -> Outcome<abci::Event> {
    if !words.len().is_multiple_of(2) {
        return refuse("an event's attribute has no value");
    }
    let mut attributes = Vec::with_capacity(words.len() / 2);
    let mut words = words.into_iter();
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        attributes.push(abci::EventAttribute { key, value, index: true });
    }
    Ok(abci::Event { r#type: kind, attributes })
}
