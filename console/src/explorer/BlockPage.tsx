import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Button, Descriptions, Flex, Space, Table, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";

import { ask } from "../api/client";
import { moment } from "../shell/amounts";
import { Loading, Nothing, Refused } from "../shell/States";

interface Placed {
  position: number;
  digest: string;
  code: number;
}

interface BlockDetail {
  height: number;
  time_ms: number;
  hash: string;
  app_hash: string;
  proposer: string;
  transactions: Placed[];
}

/** One block: what it fixes, and the transactions in it that whoever looks may read. */
export function BlockPage() {
  const { height } = useParams({ from: "/blocks/$height" });
  const { t, i18n } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ["block", height],
    queryFn: ({ signal }) => ask<BlockDetail>(`/v1/blocks/${encodeURIComponent(height)}`, {}, signal),
  });
  if (error) return <Refused fault={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const hash = (text: string) => <Typography.Text className="mono" copyable={{ text }} style={{ overflowWrap: "anywhere" }}>{text}</Typography.Text>;
  return (
    <Flex vertical gap="middle">
      <Flex justify="space-between" wrap gap="small">
        <Typography.Title level={1} style={{ fontSize: 22, margin: 0 }}>{t("Block {height}", { height: data.height })}</Typography.Title>
        <Space>
          {data.height > 0 && <Link to="/blocks/$height" params={{ height: String(data.height - 1) }}><Button>{t("Block before")}</Button></Link>}
          <Link to="/blocks/$height" params={{ height: String(data.height + 1) }}><Button>{t("Block after")}</Button></Link>
        </Space>
      </Flex>
      <Descriptions
        bordered
        size="small"
        column={1}
        items={[
          { key: "time", label: t("time"), children: <span className="whole">{moment(data.time_ms, i18n.language)}</span> },
          { key: "hash", label: t("hash"), children: hash(data.hash) },
          { key: "state", label: t("state root"), children: hash(data.app_hash) },
          { key: "proposer", label: t("proposed by"), children: hash(data.proposer) },
        ]}
      />
      <Table<Placed>
        rowKey="position"
        size="small"
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        dataSource={data.transactions}
        locale={{ emptyText: <Nothing /> }}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("position"), key: "position", dataIndex: "position" },
          {
            title: t("digest"), key: "digest",
            render: (_, one) => <Link className="mono whole" to="/transactions/$digest" params={{ digest: one.digest }}>{one.digest.slice(0, 24)}…</Link>,
          },
          { title: t("state"), key: "code", render: (_, one) => one.code === 0 ? <Tag color="success">{t("done")}</Tag> : <Tag color="error">{t("refused, code {code}", { code: one.code })}</Tag> },
        ]}
      />
    </Flex>
  );
}
