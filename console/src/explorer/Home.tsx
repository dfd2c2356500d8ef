import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Col, Flex, Row as Line, Statistic, Table, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";

import { ask, type Page } from "../api/client";
import { moment } from "../shell/amounts";
import { Loading, Nothing, Refused } from "../shell/States";

export interface Status {
  chain: string;
  height: number;
  block_time_ms: number;
  version: string;
  protocol: number;
  waiting: number;
  fault: string;
  block: string;
}

interface Block {
  height: number;
  time_ms: number;
  hash: string;
  transactions: number;
}

const LIVE_MS = 2_000;

/** What anybody sees first: where the ledger stands, and its newest blocks as they come. */
export function Home() {
  const { t, i18n } = useTranslation();
  const status = useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => ask<Status>("/v1/status", {}, signal),
    refetchInterval: LIVE_MS,
  });
  const blocks = useQuery({
    queryKey: ["blocks"],
    queryFn: ({ signal }) => ask<Page<Block>>("/v1/blocks", { limit: 15 }, signal),
    refetchInterval: LIVE_MS,
  });
  if (status.error) return <Refused fault={status.error} again={() => void status.refetch()} />;
  if (status.data === undefined) return <Loading />;
  const { data } = status;
  return (
    <Flex vertical gap="large">
      <header>
        <Typography.Title level={1} style={{ fontSize: 22, marginBottom: 4 }}>{data.chain}</Typography.Title>
        <Typography.Text type="secondary">
          {t("A ledger for regulated finance: what stands in a block is final, and anybody can check it.")}
        </Typography.Text>
      </header>
      <Line gutter={[16, 16]}>
        <Col xs={12} md={6}><Card size="small"><Statistic title={t("Newest block")} value={data.height} /></Card></Col>
        <Col xs={12} md={6}><Card size="small"><Statistic title={t("Waiting")} value={data.waiting} /></Card></Col>
        <Col xs={12} md={6}><Card size="small"><Statistic title={t("Rules")} value={data.protocol} prefix="v" /></Card></Col>
        <Col xs={12} md={6}>
          <Card size="small">
            <Statistic title={t("State")} value={data.fault === "" ? t("works") : t("halted")} />
          </Card>
        </Col>
      </Line>
      <section aria-label={t("Newest blocks")}>
        <Typography.Title level={2} style={{ fontSize: 18 }}>{t("Newest blocks")}</Typography.Title>
        {blocks.error ? (
          <Refused fault={blocks.error} />
        ) : (
          <Table<Block>
            rowKey="height"
            size="small"
            pagination={false}
            loading={blocks.data === undefined}
            dataSource={blocks.data?.items ?? []}
            scroll={{ x: "max-content" }}
            locale={{ emptyText: <Nothing /> }}
            columns={[
              {
                title: t("block"), key: "height",
                render: (_, one) => <Link to="/blocks/$height" params={{ height: String(one.height) }}>{one.height}</Link>,
              },
              { title: t("time"), key: "time", render: (_, one) => <span className="whole">{moment(one.time_ms, i18n.language)}</span> },
              {
                title: t("transactions"), key: "transactions", align: "right",
                render: (_, one) => one.transactions === 0 ? <Tag>0</Tag> : one.transactions,
              },
              { title: t("hash"), key: "hash", render: (_, one) => <span className="whole mono">{one.hash.slice(0, 16)}…</span> },
            ]}
          />
        )}
      </section>
    </Flex>
  );
}
