import { CheckCircleFilled, CloseCircleFilled, InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Descriptions, Flex, Input, Space, Timeline, Typography, Upload } from "antd";
import type { TFunction } from "i18next";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Link } from "../verify/fault";
import { moment } from "../shell/amounts";
import { plain } from "../derived/cells";
import type { Asked, Told } from "./worker";

const MOST_BYTES = 9_000_000;

/** Verify a receipt in this browser: no node is asked, and nothing leaves the machine. */
export function VerifyPage() {
  const { t } = useTranslation();
  const [receipt, setReceipt] = useState("");
  const [trust, setTrust] = useState("");
  const [told, verify] = useVerifier(receipt, trust);
  return (
    <Flex vertical gap="middle" style={{ maxWidth: 960 }}>
      <header>
        <Typography.Title level={1} style={{ fontSize: 22, marginBottom: 4 }}>{t("Verify a receipt")}</Typography.Title>
        <Typography.Text type="secondary">
          {t("Your browser checks every link of the proof itself. No file leaves this machine, and no node is asked or trusted.")}
        </Typography.Text>
      </header>
      <Flex gap="middle" wrap>
        <Given label={t("Receipt")} value={receipt} change={setReceipt} />
        <Given label={t("Genesis that you trust")} value={trust} change={setTrust} aside={<FromHere take={setTrust} />} />
      </Flex>
      <Space>
        <Button type="primary" size="large" disabled={receipt === "" || trust === ""} onClick={verify}>{t("Verify")}</Button>
        {receipt !== "" && <Button size="large" onClick={() => setReceipt(oneByteOff(receipt))}>{t("Change one byte of the receipt")}</Button>}
      </Space>
      {told !== undefined && <Verdict told={told} />}
    </Flex>
  );
}

/** What came of the files at hand; nothing as soon as one of them changes. */
function useVerifier(receipt: string, trust: string): [Told | undefined, () => void] {
  const [told, tell] = useState<{ of: string; told: Told }>();
  const worker = useRef<Worker>(undefined);
  useEffect(() => () => worker.current?.terminate(), []);
  const of = `${receipt}\n${trust}`;
  const verify = () => {
    worker.current?.terminate();
    worker.current = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.current.onmessage = (message: MessageEvent<Told>) => tell({ of, told: message.data });
    worker.current.postMessage({ receipt, trust } satisfies Asked);
  };
  return [told?.of === of ? told.told : undefined, verify];
}

function Given(given: { label: string; value: string; change: (text: string) => void; aside?: React.ReactNode }) {
  const { t } = useTranslation();
  const { label, value, change, aside } = given;
  return (
    <section aria-label={label} style={{ flex: "1 1 380px", minWidth: 0 }}>
      <Flex justify="space-between" align="center" wrap style={{ minHeight: 40 }}>
        <Typography.Text strong>{label}</Typography.Text>
        {aside}
      </Flex>
      <Upload.Dragger
        accept=".json,application/json"
        showUploadList={false}
        height={96}
        beforeUpload={(file) => {
          if (file.size <= MOST_BYTES) void file.text().then(change);
          return false;
        }}
      >
        <InboxOutlined style={{ fontSize: 28 }} /> <div>{t("Drop a file here, or choose one")}</div>
      </Upload.Dragger>
      <Input.TextArea
        aria-label={label}
        className="mono"
        value={value}
        onChange={(event) => change(event.target.value)}
        rows={6}
        style={{ marginTop: 8 }}
        spellCheck={false}
      />
    </section>
  );
}

function FromHere({ take }: { take: (text: string) => void }) {
  const { t } = useTranslation();
  const fetched = async () => {
    const answer = await fetch("/v1/genesis");
    if (answer.ok) take(await answer.text());
  };
  return (
    <Button type="link" title={t("To prove something to yourself, take it from somebody you trust instead.")} onClick={() => void fetched()}>
      {t("Take this node's")}
    </Button>
  );
}

/** The same file with one character of its transaction path, or of its text, changed. */
export function oneByteOff(receipt: string): string {
  const place = receipt.lastIndexOf('"transaction":') + 40;
  const old = receipt.charAt(place);
  return receipt.slice(0, place) + (old === "a" ? "b" : "a") + receipt.slice(place + 1);
}

function Verdict({ told }: { told: Told }) {
  const { t, i18n } = useTranslation();
  return (
    <section aria-live="polite" aria-label={t("Verdict")}>
      {told.kind === "proven" ? (
        <Alert
          type="success"
          showIcon
          title={t("Proven: the transaction and its result are in block {height}.", { height: told.height })}
          description={t("{signers} of {validators} validators signed the block that proves it.", { signers: told.signers, validators: told.validators })}
        />
      ) : (
        <Alert type="error" showIcon title={t("Not proven: do not rely on it.")} description={`${told.name} (${told.code}) ${told.reason}`} />
      )}
      <Timeline
        style={{ marginTop: 20 }}
        items={told.links.map((link, place) => ({
          key: place,
          icon: link.holds ? <CheckCircleFilled style={{ color: "#389e0d" }} /> : <CloseCircleFilled style={{ color: "#cf1322" }} />,
          content: <Step link={link} />,
        }))}
      />
      {told.kind === "proven" && (
        <Descriptions
          bordered
          size="small"
          column={1}
          items={[
            { key: "chain", label: t("chain"), children: told.chain },
            { key: "time", label: t("time"), children: <span className="whole">{moment(told.timeMs, i18n.language)}</span> },
            { key: "digest", label: t("digest"), children: <span className="mono" style={{ overflowWrap: "anywhere" }}>{told.digest}</span> },
            { key: "transaction", label: t("What was signed"), children: <pre className="mono" style={{ overflow: "auto", margin: 0 }}>{pretty(told.envelope)}</pre> },
            { key: "result", label: t("What happened"), children: <pre className="mono" style={{ overflow: "auto", margin: 0 }}>{pretty(told.outcome)}</pre> },
          ]}
        />
      )}
    </section>
  );
}

function pretty(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? one.toString() : one), 2) : plain(value);
}

function Step({ link }: { link: Link }) {
  const { t } = useTranslation();
  return (
    <>
      <Typography.Text {...(link.holds ? {} : { type: "danger" as const })}>
        {sentence(link, t)}{link.block === "" ? "" : ` ${t("(block {block})", { block: link.block })}`}
      </Typography.Text>
      {link.expected !== "" && (
        <div className="mono" style={{ overflowWrap: "anywhere" }}>
          <div>{t("computed")} {link.computed}</div>
          {!link.holds && <div>{t("has to be")} {link.expected}</div>}
        </div>
      )}
    </>
  );
}

/** What a link of the proof says, in words. */
function sentence(link: Link, t: TFunction): string {
  switch (link.name) {
    case "file": return t("The file is a receipt, and is read completely.");
    case "trust_file": return t("The file that you trust is a genesis or a trust file.");
    case "chain": return t("The receipt is of the chain that you trust.");
    case "header": return t("The block's header is written in its one form.");
    case "validators": return t("The header names the validators in the receipt.");
    case "commit": return t("The signatures are for this very header.");
    case "signatures": return t("Validators with more than two thirds of the power signed it.");
    case "next_validators": return t("The header names the validators of the next block.");
    case "time": return t("The header's time comes after the one before.");
    case "trust": return t("Enough of the validators that were trusted before signed it.");
    case "block": return t("The signed header names the block before it: the receipt's.");
    case "height": return t("The heights of both headers and of the receipt agree.");
    case "transaction": return t("The transaction's path leads to the hash in the header.");
    case "result": return t("The result's path leads to the hash in the next header.");
  }
}
