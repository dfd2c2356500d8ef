//! Headers, their hash, and the id of a block.

use prost::Message;
use tendermint::block::Header;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::{types as raw, version::Consensus};

use super::{decode_canonical, plain_block_id, raw_block_id, BlockId};
use crate::fault::{refuse, Fault, Outcome};
use crate::merkle;

/// Bytes of one block part.
const PART_BYTES: usize = 65_536;
/// 9999-12-31T23:59:59Z, the last second that a protobuf timestamp may name.
const LAST_SECOND: i64 = 253_402_300_799;
/// CometBFT's limit on the length of a chain's name.
const MAX_CHAIN_ID: usize = 50;

/// A header as plain data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainHeader {
    /// Name of the chain.
    pub chain_id: String,
    /// Height, 1 and up.
    pub height: i64,
    /// Milliseconds since 1970, UTC.
    pub time_ms: i64,
    /// Nanoseconds beyond `time_ms`, 0 to 999,999.
    pub time_ns: u32,
    /// Block protocol version.
    pub block_version: u64,
    /// The application's version.
    pub app_version: u64,
    /// Id of the block before; None for the first.
    pub last_block_id: Option<BlockId>,
    /// Hash of the commit of the block before.
    pub last_commit_hash: Vec<u8>,
    /// Merkle root of the transactions.
    pub data_hash: Vec<u8>,
    /// Hash of the set that signs this block.
    pub validators_hash: Vec<u8>,
    /// Hash of the set that signs the next one.
    pub next_validators_hash: Vec<u8>,
    /// Hash of the consensus parameters.
    pub consensus_hash: Vec<u8>,
    /// State root after the block before.
    pub app_hash: Vec<u8>,
    /// Merkle root of the results of the block before.
    pub last_results_hash: Vec<u8>,
    /// Hash of the evidence.
    pub evidence_hash: Vec<u8>,
    /// Address of the proposer.
    pub proposer_address: Vec<u8>,
}

/// A protobuf timestamp of milliseconds and the nanoseconds beyond them.
pub fn timestamp(time_ms: i64, time_ns: u32) -> Outcome<Timestamp> {
    let seconds = time_ms.div_euclid(1000);
    if !(0..=LAST_SECOND).contains(&seconds) || time_ns > 999_999 {
        return refuse("the time is outside the years 1970 to 9999");
    }
    let nanos = time_ms.rem_euclid(1000) as i32 * 1_000_000 + time_ns as i32;
    Ok(Timestamp { seconds, nanos })
}

/// Milliseconds and the nanoseconds beyond them.
pub fn plain_time(time: &Timestamp) -> Outcome<(i64, u32)> {
    let nanos = u32::try_from(time.nanos).unwrap_or(u32::MAX);
    if !(-62_135_596_800..=LAST_SECOND).contains(&time.seconds) || nanos > 999_999_999 {
        return refuse("a timestamp is out of range");
    }
    Ok((time.seconds * 1000 + i64::from(nanos / 1_000_000), nanos % 1_000_000))
}

/// Encode a header; it has to be one whose hash can be computed.
pub fn encode(plain: PlainHeader) -> Outcome<Vec<u8>> {
    let empty = raw::BlockId { hash: Vec::new(), part_set_header: Some(Default::default()) };
    let header = raw::Header {
        version: Some(Consensus { block: plain.block_version, app: plain.app_version }),
        height: plain.height,
        time: Some(timestamp(plain.time_ms, plain.time_ns)?),
        last_block_id: Some(plain.last_block_id.as_ref().map_or(empty, raw_block_id)),
        chain_id: plain.chain_id,
        last_commit_hash: plain.last_commit_hash,
        data_hash: plain.data_hash,
        validators_hash: plain.validators_hash,
        next_validators_hash: plain.next_validators_hash,
        consensus_hash: plain.consensus_hash,
        app_hash: plain.app_hash,
        last_results_hash: plain.last_results_hash,
        evidence_hash: plain.evidence_hash,
        proposer_address: plain.proposer_address,
    };
    let bytes = header.encode_to_vec();
    checked(header)?;
    Ok(bytes)
}

/// The tendermint crate's header, after the checks it leaves to others.
fn checked(header: raw::Header) -> Outcome<Header> {
    if header.chain_id.len() > MAX_CHAIN_ID || header.height < 1 {
        return refuse("a header needs a height of 1 or more and a chain id of at most 50 bytes");
    }
    let Some(time) = &header.time else { return refuse("the header has no time") };
    plain_time(time)?;
    Header::try_from(header).map_err(|e| Fault(format!("this is not a valid header: {e}")))
}

/// Decode a header strictly.
pub fn decode(bytes: &[u8]) -> Outcome<Header> {
    checked(decode_canonical(bytes, "header")?)
}

/// The canonical encoding of the tendermint crate's header.
pub fn encode_typed(header: Header) -> Vec<u8> {
    raw::Header::from(header).encode_to_vec()
}

/// The hash of an encoded header.
pub fn hash(bytes: &[u8]) -> Outcome<Vec<u8>> {
    Ok(decode(bytes)?.hash().as_bytes().to_vec())
}

/// An encoded header as plain data.
pub fn fields(bytes: &[u8]) -> Outcome<PlainHeader> {
    let header: raw::Header = decode_canonical(bytes, "header")?;
    checked(header.clone())?;
    let version = header.version.unwrap_or_default();
    let (time_ms, time_ns) = plain_time(&header.time.unwrap_or_default())?;
    Ok(PlainHeader {
        chain_id: header.chain_id,
        height: header.height,
        time_ms,
        time_ns,
        block_version: version.block,
        app_version: version.app,
        last_block_id: plain_block_id(header.last_block_id),
        last_commit_hash: header.last_commit_hash,
        data_hash: header.data_hash,
        validators_hash: header.validators_hash,
        next_validators_hash: header.next_validators_hash,
        consensus_hash: header.consensus_hash,
        app_hash: header.app_hash,
        last_results_hash: header.last_results_hash,
        evidence_hash: header.evidence_hash,
        proposer_address: header.proposer_address,
    })
}

/// The id of a block without evidence: its header's hash, and its encoding's parts.
pub fn block_id(header: &[u8], txs: &[&[u8]], last_commit: Option<&[u8]>) -> Outcome<BlockId> {
    let hash = hash(header)?;
    let last_commit = match last_commit {
        Some(bytes) if !bytes.is_empty() => decode_canonical(bytes, "commit")?,
        // What CometBFT puts into the first block.
        _ => raw::Commit {
            block_id: Some(raw::BlockId {
                hash: Vec::new(),
                part_set_header: Some(Default::default()),
            }),
            ..Default::default()
        },
    };
    let block = raw::Block {
        header: Some(decode_canonical(header, "header")?),
        data: Some(raw::Data { txs: txs.iter().map(|tx| tx.to_vec()).collect() }),
        evidence: Some(raw::EvidenceList::default()),
        last_commit: Some(last_commit),
    };
    let bytes = block.encode_to_vec();
    let parts: Vec<&[u8]> = bytes.chunks(PART_BYTES).collect();
    let total = u32::try_from(parts.len()).map_err(|_| Fault::new("the block is too large"))?;
    Ok((hash, total, merkle::root(&parts).to_vec()))
}
