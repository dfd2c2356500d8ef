//! The remote signer's protocol: the engine asks for signatures, the node's key never leaves it.
//!
//! Types come from tendermint-proto. Times are nanoseconds since 1970, UTC.

use prost::Message as _;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::crypto::{public_key, PublicKey};
use tendermint_proto::v0_38::privval::{self, message::Sum, Message};
use tendermint_proto::v0_38::types as raw;

use crate::fault::{refuse, Fault, Outcome};
use crate::plain::Fields;

/// No request of the protocol is nearly as long.
const LONGEST: usize = 65_536;
/// The code with which a signer says that it will not sign.
const WILL_NOT: i32 = 0;

/// What the engine asks: `public_key`, `ping`, `vote` or `proposal` with what would be signed.
///
/// A vote and a proposal tell height, round, step (1 propose, 2 prevote, 3 precommit), the time,
/// and the bytes to sign twice: as asked, and with no time in them, to see whether two differ in
/// nothing else.
pub fn read(message: &[u8]) -> Outcome<(&'static str, Fields)> {
    match decode(message)? {
        Sum::PubKeyRequest(one) => {
            Ok(("public_key", Fields::of([("chain_id", one.chain_id.into())])))
        }
        Sum::PingRequest(_) => Ok(("ping", Fields::default())),
        Sum::SignVoteRequest(one) => {
            let Some(vote) = one.vote else { return refuse("a request to sign no vote") };
            Ok(("vote", vote_fields(&vote, one.chain_id)?))
        }
        Sum::SignProposalRequest(one) => {
            let Some(proposal) = one.proposal else { return refuse("no proposal to sign") };
            Ok(("proposal", proposal_fields(&proposal, one.chain_id)?))
        }
        _ => refuse("the engine answers where it should ask"),
    }
}

fn decode(message: &[u8]) -> Outcome<Sum> {
    if message.len() > LONGEST {
        return refuse("a request to the signer is too long");
    }
    let message =
        Message::decode(message).map_err(|e| Fault(format!("no request to a signer: {e}")))?;
    message.sum.ok_or_else(|| Fault::new("a request to the signer that asks nothing"))
}

fn canonical_id(id: &Option<raw::BlockId>) -> Option<raw::CanonicalBlockId> {
    let id = id.as_ref()?;
    let parts = id.part_set_header.clone().unwrap_or_default();
    if id.hash.is_empty() && parts.total == 0 && parts.hash.is_empty() {
        return None;
    }
    let parts = raw::CanonicalPartSetHeader { total: parts.total, hash: parts.hash };
    Some(raw::CanonicalBlockId { hash: id.hash.clone(), part_set_header: Some(parts) })
}

fn vote_fields(vote: &raw::Vote, chain_id: String) -> Outcome<Fields> {
    let step = match raw::SignedMsgType::try_from(vote.r#type) {
        Ok(raw::SignedMsgType::Prevote) => 2,
        Ok(raw::SignedMsgType::Precommit) => 3,
        _ => return refuse("a vote of an unknown kind"),
    };
    let sign = |timestamp| {
        let canonical = raw::CanonicalVote {
            r#type: vote.r#type,
            height: vote.height,
            round: i64::from(vote.round),
            block_id: canonical_id(&vote.block_id),
            timestamp,
            chain_id: chain_id.clone(),
        };
        canonical.encode_length_delimited_to_vec()
    };
    signing(vote.height, vote.round, step, vote.timestamp, &chain_id, &sign)
}

fn proposal_fields(proposal: &raw::Proposal, chain_id: String) -> Outcome<Fields> {
    let sign = |timestamp| {
        let canonical = raw::CanonicalProposal {
            r#type: raw::SignedMsgType::Proposal.into(),
            height: proposal.height,
            round: i64::from(proposal.round),
            pol_round: i64::from(proposal.pol_round),
            block_id: canonical_id(&proposal.block_id),
            timestamp,
            chain_id: chain_id.clone(),
        };
        canonical.encode_length_delimited_to_vec()
    };
    signing(proposal.height, proposal.round, 1, proposal.timestamp, &chain_id, &sign)
}

fn signing(
    height: i64,
    round: i32,
    step: i64,
    time: Option<Timestamp>,
    chain_id: &str,
    sign: &dyn Fn(Option<Timestamp>) -> Vec<u8>,
) -> Outcome<Fields> {
    let time = time.unwrap_or_default();
    let seconds = time.seconds.checked_mul(1_000_000_000);
    let Some(time_ns) = seconds.and_then(|ns| ns.checked_add(i64::from(time.nanos))) else {
        return refuse("a time is out of range");
    };
    Ok(Fields::of([
        ("chain_id", chain_id.to_owned().into()),
        ("height", height.into()),
        ("round", i64::from(round).into()),
        ("step", step.into()),
        ("time_ns", time_ns.into()),
        ("sign_bytes", sign(Some(time))[..].into()),
        ("timeless", sign(Some(Timestamp::default()))[..].into()),
    ]))
}

/// The answer to `ping`, with its length before it.
pub fn pong() -> Vec<u8> {
    delimited(Sum::PingResponse(privval::PingResponse {}))
}

/// The answer to `public_key`, with its length before it.
pub fn public_key(public: &[u8]) -> Vec<u8> {
    let sum = Some(public_key::Sum::Ed25519(public.to_vec()));
    delimited(Sum::PubKeyResponse(privval::PubKeyResponse {
        pub_key: Some(PublicKey { sum }),
        error: None,
    }))
}

/// The answer to a vote or a proposal: what was asked for, signed, at the time that was signed.
pub fn signed(message: &[u8], signature: &[u8], time_ns: i64) -> Outcome<Vec<u8>> {
    let timestamp = Some(Timestamp {
        seconds: time_ns.div_euclid(1_000_000_000),
        nanos: time_ns.rem_euclid(1_000_000_000) as i32,
    });
    let signature = signature.to_vec();
    Ok(delimited(match decode(message)? {
        Sum::SignVoteRequest(one) => {
            let vote = one.vote.map(|vote| raw::Vote { signature, timestamp, ..vote });
            Sum::SignedVoteResponse(privval::SignedVoteResponse { vote, error: None })
        }
        Sum::SignProposalRequest(one) => {
            let proposal = one.proposal.map(|p| raw::Proposal { signature, timestamp, ..p });
            Sum::SignedProposalResponse(privval::SignedProposalResponse { proposal, error: None })
        }
        _ => return refuse("only votes and proposals are signed"),
    }))
}

/// The answer to a vote or a proposal that will not be signed, and why.
pub fn refused(message: &[u8], why: &str) -> Outcome<Vec<u8>> {
    let description = why.to_owned();
    let error = Some(privval::RemoteSignerError { code: WILL_NOT, description });
    Ok(delimited(match decode(message)? {
        Sum::SignVoteRequest(_) => {
            Sum::SignedVoteResponse(privval::SignedVoteResponse { vote: None, error })
        }
        Sum::SignProposalRequest(_) => {
            Sum::SignedProposalResponse(privval::SignedProposalResponse { proposal: None, error })
        }
        Sum::PubKeyRequest(_) => {
            Sum::PubKeyResponse(privval::PubKeyResponse { pub_key: None, error })
        }
        _ => return refuse("this cannot be refused"),
    }))
}

fn delimited(sum: Sum) -> Vec<u8> {
    Message { sum: Some(sum) }.encode_length_delimited_to_vec()
}
