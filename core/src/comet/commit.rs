//! Commits: what validators sign, how it is encoded and believed.

use prost::Message;
use tendermint::block::{signed_header::SignedHeader, Commit};
use tendermint_light_client_verifier::operations::{
    CommitValidator, ProdCommitValidator, ProdVotingPowerCalculator, VotingPowerCalculator,
};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::types as raw;

use super::{decode_canonical, header, plain_block_id, raw_block_id, validator_set, BlockId};
use crate::fault::{refuse, Fault, Outcome};
use crate::merkle;

/// Go's zero time, which stands in an absent validator's place.
const ZERO_TIME: Timestamp = Timestamp { seconds: -62_135_596_800, nanos: 0 };

/// A validator's part of a commit: flag, address, time in milliseconds, signature.
pub type Signed = (i32, Vec<u8>, i64, Vec<u8>);

/// A commit as plain data.
pub struct PlainCommit {
    /// Height of the block.
    pub height: i64,
    /// Round in which it was decided.
    pub round: i32,
    /// The block.
    pub block_id: Option<BlockId>,
    /// One entry a validator, in the set's order.
    pub signatures: Vec<Signed>,
}

/// The canonical precommit, length-delimited.
pub fn sign_bytes(
    chain_id: &str,
    height: i64,
    round: i64,
    id: &BlockId,
    time: Timestamp,
) -> Vec<u8> {
    let parts = raw::CanonicalPartSetHeader { total: id.1, hash: id.2.clone() };
    let vote = raw::CanonicalVote {
        r#type: raw::SignedMsgType::Precommit.into(),
        height,
        round,
        block_id: Some(raw::CanonicalBlockId { hash: id.0.clone(), part_set_header: Some(parts) }),
        timestamp: Some(time),
        chain_id: chain_id.to_owned(),
    };
    vote.encode_length_delimited_to_vec()
}

/// Encode a commit of (address, time_ms, signature); an empty address is an absent validator.
pub fn encode(
    height: i64,
    round: i32,
    id: &BlockId,
    signatures: &[(&[u8], i64, &[u8])],
) -> Outcome<Vec<u8>> {
    let one = |(address, time_ms, signature): &(&[u8], i64, &[u8])| {
        let absent = address.is_empty();
        let flag = if absent { raw::BlockIdFlag::Absent } else { raw::BlockIdFlag::Commit };
        let time = if absent { ZERO_TIME } else { header::timestamp(*time_ms, 0)? };
        Ok(raw::CommitSig {
            block_id_flag: flag.into(),
            validator_address: address.to_vec(),
            timestamp: Some(time),
            signature: signature.to_vec(),
        })
    };
    let commit = raw::Commit {
        height,
        round,
        block_id: Some(raw_block_id(id)),
        signatures: signatures.iter().map(one).collect::<Outcome<_>>()?,
    };
    let bytes = commit.encode_to_vec();
    checked(commit)?;
    Ok(bytes)
}

fn checked(commit: raw::Commit) -> Outcome<Commit> {
    for one in &commit.signatures {
        if let Some(time) = &one.timestamp {
            header::plain_time(time)?;
        }
    }
    Commit::try_from(commit).map_err(|e| Fault(format!("this is not a valid commit: {e}")))
}

/// Decode a commit strictly.
pub fn decode(bytes: &[u8]) -> Outcome<Commit> {
    checked(decode_canonical(bytes, "commit")?)
}

/// The canonical encoding of the tendermint crate's commit.
pub fn encode_typed(commit: Commit) -> Vec<u8> {
    raw::Commit::from(commit).encode_to_vec()
}

/// Merkle root over the signatures: the next header's last_commit_hash.
pub fn hash(bytes: &[u8]) -> Outcome<merkle::Hash> {
    let commit: raw::Commit = decode_canonical(bytes, "commit")?;
    let leaves: Vec<_> = commit.signatures.iter().map(Message::encode_to_vec).collect();
    Ok(merkle::root(&leaves))
}

/// An encoded commit as plain data.
pub fn fields(bytes: &[u8]) -> Outcome<PlainCommit> {
    let commit: raw::Commit = decode_canonical(bytes, "commit")?;
    checked(commit.clone())?;
    let one = |sig: raw::CommitSig| {
        let (time_ms, _) = header::plain_time(&sig.timestamp.unwrap_or(ZERO_TIME))?;
        Ok((sig.block_id_flag, sig.validator_address, time_ms, sig.signature))
    };
    Ok(PlainCommit {
        height: commit.height,
        round: commit.round,
        block_id: plain_block_id(commit.block_id),
        signatures: commit.signatures.into_iter().map(one).collect::<Outcome<_>>()?,
    })
}

/// Whether more than two thirds of the power signed this header of this chain.
pub fn verify(
    chain_id: &str,
    header_bytes: &[u8],
    commit_bytes: &[u8],
    validators: &[(&[u8], i64)],
) -> Outcome<()> {
    let header = header::decode(header_bytes)?;
    let set = validator_set(validators)?;
    if header.chain_id.as_str() != chain_id {
        return refuse("the header belongs to another chain");
    }
    if header.validators_hash != set.hash() {
        return refuse("the header names another validator set");
    }
    let commit = decode(commit_bytes)?;
    if commit.height != header.height || commit.block_id.hash != header.hash() {
        return refuse("the commit is for another header");
    }
    let signed = SignedHeader::new(header, commit).map_err(|e| Fault(e.to_string()))?;
    let refused = |e: &dyn std::fmt::Display| Fault(format!("the commit does not hold: {e}"));
    ProdCommitValidator.validate(&signed, &set).map_err(|e| refused(&e.detail()))?;
    ProdCommitValidator.validate_full(&signed, &set).map_err(|e| refused(&e.detail()))?;
    ProdVotingPowerCalculator::default()
        .check_signers_overlap(&signed, &set)
        .map_err(|e| refused(&e.detail()))
}
