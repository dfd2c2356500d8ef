import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Alert, Collapse, Descriptions, Flex, List, Typography } from "antd";
import { useTranslation } from "react-i18next";

import { ask } from "../api/client";
import type { Outcome } from "../api/outcome";
import { moment } from "../shell/amounts";
import { Loading, Refused } from "../shell/States";

interface Recorded extends Outcome {
  digest: string;
  party: string;
  reference: string;
  height: number;
  position: number;
  time_ms: number;
  events: Record<string, unknown>[];
  body: Record<string, unknown>;
  signatures: Record<string, unknown>[];
}

/** A transaction told in sentences: what happened, where it stands, and its receipt. */
export function TransactionPage() {
  const { digest } = useParams({ from: "/transactions/$digest" });
  const { t, i18n } = useTranslation();
  const zh = i18n.language === "zh";
  const { data, error, refetch } = useQuery({
    queryKey: ["transaction", digest],
    queryFn: ({ signal }) => ask<Recorded>(`/v1/transactions/${encodeURIComponent(digest)}`, {}, signal),
  });
  if (error) return <Refused fault={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const sentences = zh ? data.sentences_zh : data.sentences;
  return (
    <Flex vertical gap="middle">
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0, overflowWrap: "anywhere" }}>
        {t("Transaction {reference} of {party}", { reference: data.reference, party: data.party })}
      </Typography.Title>
      <Alert
        type={data.code === 0 ? "success" : "error"}
        showIcon
        title={data.code === 0 ? t("It was done, and it is final.") : t("It was refused and moved nothing; this is final.")}
        description={data.code === 0 ? undefined : `${zh ? data.text_zh : data.text} (${data.name}, ${data.code})`}
      />
      <List size="small" bordered header={t("What happened")} dataSource={sentences} renderItem={(one) => <List.Item>{one}</List.Item>} />
      <Descriptions
        bordered
        size="small"
        column={1}
        items={[
          { key: "block", label: t("block"), children: <Link to="/blocks/$height" params={{ height: String(data.height) }}>{data.height}</Link> },
          { key: "time", label: t("time"), children: <span className="whole">{moment(data.time_ms, i18n.language)}</span> },
          { key: "digest", label: t("digest"), children: <Typography.Text className="mono" copyable style={{ overflowWrap: "anywhere" }}>{data.digest}</Typography.Text> },
          { key: "receipt", label: t("receipt"), children: <a href={`/v1/receipts/${data.digest}`} download={`receipt-${data.digest.slice(0, 12)}.json`}>{t("Download")}</a> },
        ]}
      />
      <Collapse
        items={[
          { key: "body", label: t("What was signed"), children: <pre className="mono" style={{ overflow: "auto" }}>{JSON.stringify(data.body, null, 2)}</pre> },
          { key: "events", label: t("Events, field by field"), children: <pre className="mono" style={{ overflow: "auto" }}>{JSON.stringify(data.events, null, 2)}</pre> },
        ]}
      />
    </Flex>
  );
}
