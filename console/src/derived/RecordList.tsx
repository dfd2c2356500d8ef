import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Button, Checkbox, Flex, Input, Popover, Select, Space, Table, Typography, type TableColumnsType } from "antd";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useDecimals } from "../api/assets";
import { ask, type Page } from "../api/client";
import { recordAt, recordNamed, useModules, type Field, type Module, type RecordKind } from "../api/modules";
import type { ListSearch } from "../router";
import { Absent, Loading, Nothing, Refused } from "../shell/States";
import { cell, partOf, type Row } from "./cells";

const SIZES = [25, 50, 100, 500];

/** The list of any record: paged and filtered by the node, columns by choice. */
export function RecordList() {
  const { plural } = useParams({ from: "/lists/$plural" });
  const { data, error, refetch } = useModules();
  if (error) return <Refused fault={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const record = recordAt(data, plural);
  return record === undefined ? <Absent /> : <Listed key={plural} record={record} modules={data} />;
}

function Listed({ record, modules }: { record: RecordKind; modules: Module[] }) {
  const { t, i18n } = useTranslation();
  const zh = i18n.language === "zh";
  const asked: ListSearch = useSearch({ from: "/lists/$plural" });
  const navigate = useNavigate({ from: "/lists/$plural" });
  const decimals = useDecimals();
  const [columns, choose] = useColumns(record);
  const size = Number(asked["limit"] ?? SIZES[0]);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["list", record.path, asked],
    queryFn: ({ signal }) => ask<Page<Row>>(record.path, { ...asked, limit: size, count: true }, signal),
    placeholderData: keepPreviousData,
  });
  const change = (more: Record<string, string>) => {
    const next = { ...asked, cursor: "", ...more };
    void navigate({ search: Object.fromEntries(Object.entries(next).filter(([, value]) => value !== "")) });
  };
  const pathOf = (name: string) => {
    const found = recordNamed(modules, name);
    return found?.key.length === 1 ? partOf(found) : undefined;
  };
  const shown: TableColumnsType<Row> = record.members
    .filter((field) => columns.includes(field.name))
    .sort((one, other) => columns.indexOf(one.name) - columns.indexOf(other.name))
    .map((field) => ({
      key: field.name,
      title: <span className="whole" title={zh ? field.meaning_zh : field.meaning}>{zh ? field.label_zh : field.label}</span>,
      align: field.kind === "amount" || field.kind === "count" ? ("right" as const) : ("left" as const),
      render: (_: unknown, row: Row) => cell(linked(field, record), { row, decimals, zh, pathOf, states: record.states }),
    }));
  return (
    <Flex vertical gap="middle">
      <header>
        <Typography.Title level={1} style={{ fontSize: 22, marginBottom: 4 }}>
          {capital(zh ? record.label_zh : record.label)}
        </Typography.Title>
        <Typography.Text type="secondary">{zh ? record.meaning_zh : record.meaning}</Typography.Text>
      </header>
      <Flex wrap gap="small" align="center" role="search" aria-label={t("Filters")}>
        {record.filters.map((name) => (
          <Filter key={name} name={name} record={record} value={asked[name] ?? ""} change={(value) => change({ [name]: value })} />
        ))}
        <Select
          aria-label={t("Order")}
          value={asked["order"] ?? "newest"}
          onChange={(order) => change({ order: order === "newest" ? "" : order })}
          options={[{ value: "newest", label: t("Newest first") }, { value: "oldest", label: t("Oldest first") }]}
        />
        <Columns record={record} columns={columns} choose={choose} />
        <Button onClick={() => void download(record, asked)}>{t("CSV")}</Button>
      </Flex>
      {error ? (
        <Refused fault={error} again={() => void refetch()} />
      ) : (
        <>
          <Table<Row>
            rowKey={(row) => JSON.stringify(record.key.map((name) => row[name]))}
            columns={shown}
            dataSource={data?.items ?? []}
            loading={data === undefined || isFetching}
            pagination={false}
            size="small"
            scroll={{ x: "max-content" }}
            locale={{ emptyText: <Nothing /> }}
          />
          <Flex justify="space-between" wrap gap="small">
            <Typography.Text type="secondary" aria-live="polite">{data ? total(data, t) : ""}</Typography.Text>
            <Space>
              <Select
                aria-label={t("Rows a page")}
                value={size}
                onChange={(limit) => change({ limit: String(limit) })}
                options={SIZES.map((value) => ({ value, label: t("{count} rows", { count: value }) }))}
              />
              <Button disabled={(asked["cursor"] ?? "") === ""} onClick={() => change({})}>{t("First page")}</Button>
              <Button
                type="primary"
                disabled={data?.next_cursor == null}
                onClick={() => change({ cursor: data?.next_cursor ?? "" })}
              >
                {t("Next page")}
              </Button>
            </Space>
          </Flex>
        </>
      )}
    </Flex>
  );
}

/** The id of a row leads to the row itself. */
function linked(field: Field, record: RecordKind): Field {
  return record.key.length === 1 && field.name === record.key[0] ? { ...field, record: record.record } : field;
}

function total(page: Page<Row>, t: TFunction): string {
  if (page.total === null) return "";
  return page.more ? t("more than {count} rows", { count: page.total }) : t("{count} rows", { count: page.total });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Filter(given: { name: string; record: RecordKind; value: string; change: (value: string) => void }) {
  const { i18n, t } = useTranslation();
  const zh = i18n.language === "zh";
  const { name, record, value, change } = given;
  const field = record.members.find((one) => one.name === name);
  const label = field ? (zh ? field.label_zh : field.label) : t(name);
  if (name === "state") {
    return (
      <Select
        aria-label={label}
        placeholder={label}
        allowClear
        value={value === "" ? null : value}
        onChange={(chosen: string | null) => change(chosen ?? "")}
        style={{ minWidth: 130 }}
        options={Object.entries(record.states).map(([state, word]) => ({ value: state, label: zh ? word : state }))}
      />
    );
  }
  return (
    <Input
      key={value}
      aria-label={label}
      placeholder={label}
      defaultValue={value}
      allowClear
      maxLength={128}
      style={{ width: 180 }}
      onPressEnter={(event) => change(event.currentTarget.value.trim())}
      onBlur={(event) => {
        if (event.currentTarget.value.trim() !== value) change(event.currentTarget.value.trim());
      }}
    />
  );
}

function useColumns(record: RecordKind): [string[], (columns: string[]) => void] {
  const place = `tongbao.columns.${record.record}`;
  const [columns, set] = useState<string[]>(() => {
    const kept = localStorage.getItem(place)?.split(",") ?? [];
    const known = kept.filter((name) => record.members.some((one) => one.name === name));
    return known.length > 0 ? known : record.shows;
  });
  return [columns, (chosen) => {
    localStorage.setItem(place, chosen.join(","));
    set(chosen);
  }];
}

function Columns(given: { record: RecordKind; columns: string[]; choose: (columns: string[]) => void }) {
  const { t, i18n } = useTranslation();
  const zh = i18n.language === "zh";
  const options = given.record.members.map((one) => ({ value: one.name, label: zh ? one.label_zh : one.label }));
  return (
    <Popover
      trigger="click"
      title={t("Columns")}
      content={
        <Flex vertical gap="small" style={{ maxHeight: 360, overflow: "auto" }}>
          <Checkbox.Group
            options={options}
            value={given.columns}
            onChange={(chosen) => given.choose(chosen.length > 0 ? chosen : given.record.shows)}
            style={{ display: "grid" }}
          />
          <Button size="small" onClick={() => given.choose(given.record.shows)}>{t("As at first")}</Button>
        </Flex>
      }
    >
      <Button>{t("Columns")}</Button>
    </Popover>
  );
}

/** The whole list as one CSV file, page by page. */
async function download(record: RecordKind, asked: ListSearch): Promise<void> {
  const parts: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: URLSearchParams = new URLSearchParams({ ...asked, limit: "1000", cursor });
    if (cursor === "") query.delete("cursor");
    const answer: Response = await fetch(`${record.path}?${query}`, { headers: { Accept: "text/csv" } });
    if (!answer.ok) return;
    const text = await answer.text();
    parts.push(parts.length === 0 ? text : text.slice(text.indexOf("\n") + 1));
    cursor = answer.headers.get("Tongbao-Next-Cursor");
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
  link.download = `${record.plural}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
