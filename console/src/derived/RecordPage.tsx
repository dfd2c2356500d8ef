import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Breadcrumb, Descriptions, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";

import { useDecimals } from "../api/assets";
import { ask } from "../api/client";
import { recordAt, recordNamed, useModules, type Module, type RecordKind } from "../api/modules";
import { Absent, Loading, Refused } from "../shell/States";
import { cell, partOf, type Row } from "./cells";

/** One row of any record: every member, with what it means, and whom it leads to. */
export function RecordPage() {
  const { plural, key } = useParams({ from: "/lists/$plural/$key" });
  const { data, error, refetch } = useModules();
  if (error) return <Refused fault={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const record = recordAt(data, plural);
  return record === undefined ? <Absent /> : <Shown record={record} modules={data} name={key} />;
}

function Shown({ record, modules, name }: { record: RecordKind; modules: Module[]; name: string }) {
  const { i18n } = useTranslation();
  const zh = i18n.language === "zh";
  const decimals = useDecimals();
  const { data, error, refetch } = useQuery({
    queryKey: ["row", record.path, name],
    queryFn: ({ signal }) => ask<Row>(`${record.path}/${name.split("/").map(encodeURIComponent).join("/")}`, {}, signal),
  });
  if (error) return <Refused fault={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const pathOf = (one: string) => {
    const found = recordNamed(modules, one);
    return found?.key.length === 1 ? partOf(found) : undefined;
  };
  const around = { row: data, decimals, zh, pathOf, states: record.states };
  const known = record.members.filter((one) => data[one.name] !== "" && data[one.name] !== null);
  const plain = known.filter((one) => one.kind !== "nested");
  const nested = known.filter((one) => one.kind === "nested" && JSON.stringify(data[one.name]) !== "[]");
  return (
    <Flex vertical gap="middle">
      <Breadcrumb
        items={[
          { title: <Link to="/lists/$plural" params={{ plural: partOf(record) }} search={{}}>{zh ? record.label_zh : record.label}</Link> },
          { title: <span className="mono">{name}</span> },
        ]}
      />
      <Typography.Title level={1} style={{ fontSize: 20, overflowWrap: "anywhere", margin: 0 }}>{name}</Typography.Title>
      <Descriptions
        bordered
        size="small"
        column={{ xs: 1, md: 1, xl: 2 }}
        items={plain.map((field) => ({
          key: field.name,
          label: <span title={zh ? field.meaning_zh : field.meaning}>{zh ? field.label_zh : field.label}</span>,
          children: cell(field, around),
        }))}
      />
      {nested.map((field) => (
        <section key={field.name} aria-label={zh ? field.label_zh : field.label}>
          <Typography.Title level={2} style={{ fontSize: 16 }}>{zh ? field.label_zh : field.label}</Typography.Title>
          <pre className="mono" style={{ overflow: "auto", margin: 0 }}>{JSON.stringify(data[field.name], null, 2)}</pre>
        </section>
      ))}
    </Flex>
  );
}
