import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useSearch } from "@tanstack/react-router";
import { Flex, Table, Typography } from "antd";
import { useTranslation } from "react-i18next";

import { useDecimals } from "../api/assets";
import { ask, type Page } from "../api/client";
import { money, moment } from "../shell/amounts";
import { Loading, Nothing, Refused } from "../shell/States";

interface Found {
  kind: string;
  id: string;
  matched: string;
  title: string;
  state: string;
  time_ms: number;
  digest: string;
  payer: string;
  payee: string;
  asset: string;
  amount_minor: string | null;
}

const BLOCK = /^\d{1,12}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const LISTS: Record<string, string> = {
  party: "parties", account: "accounts", asset: "assets", hold: "holds", queued_payment: "queued-payments",
  scheduled_transfer: "scheduled-transfers", cross_border_payment: "cross-border-payments",
};

/** What fits a text, the surest first; a whole number is a block, a digest a transaction. */
export function SearchPage() {
  const { q } = useSearch({ from: "/search" });
  if (BLOCK.test(q)) return <Navigate to="/blocks/$height" params={{ height: q }} replace />;
  if (DIGEST.test(q)) return <Navigate to="/transactions/$digest" params={{ digest: q }} replace />;
  return <Results q={q} />;
}

function Results({ q }: { q: string }) {
  const { t, i18n } = useTranslation();
  const decimals = useDecimals();
  const { data, error, refetch } = useQuery({
    queryKey: ["search", q],
    queryFn: ({ signal }) => ask<Page<Found>>("/v1/search", { q, limit: 50 }, signal),
    enabled: q !== "",
  });
  if (error) return <Refused fault={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  return (
    <Flex vertical gap="middle">
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>{t("Found for “{q}”", { q })}</Typography.Title>
      <Table<Found>
        rowKey={(one) => `${one.kind} ${one.id}`}
        size="small"
        pagination={false}
        dataSource={data.items}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Nothing /> }}
        columns={[
          { title: t("kind"), key: "kind", render: (_, one) => t(one.kind.replaceAll("_", " ")) },
          { title: t("what"), key: "id", render: (_, one) => <Target one={one} /> },
          { title: t("amount"), key: "amount", align: "right", render: (_, one) => one.amount_minor === null ? "" : <span className="whole">{money(one.amount_minor, one.asset, decimals.get(one.asset))}</span> },
          { title: t("payer"), key: "payer", dataIndex: "payer" },
          { title: t("payee"), key: "payee", dataIndex: "payee" },
          { title: t("time"), key: "time", render: (_, one) => <span className="whole">{moment(one.time_ms, i18n.language)}</span> },
          { title: t("found by"), key: "matched", render: (_, one) => t(one.matched.replaceAll("_", " ")) },
        ]}
      />
    </Flex>
  );
}

function Target({ one }: { one: Found }) {
  const text = <span className="whole">{one.title === "" ? one.id : `${one.id} ${one.title}`}</span>;
  const plural = LISTS[one.kind];
  if (plural !== undefined) return <Link to="/lists/$plural/$key" params={{ plural, key: one.id }}>{text}</Link>;
  if (one.digest !== "") return <Link to="/transactions/$digest" params={{ digest: one.digest }}>{text}</Link>;
  return text;
}
