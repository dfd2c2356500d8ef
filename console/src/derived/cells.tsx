import { Link } from "@tanstack/react-router";
import { Tag, Tooltip, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Field, RecordKind } from "../api/modules";
import { duration, moment, money } from "../shell/amounts";

export type Row = Record<string, unknown>;

interface Around {
  row: Row;
  decimals: ReadonlyMap<string, number>;
  zh: boolean;
  /** Where rows of a record are shown, by the record's name. */
  pathOf: (record: string) => string | undefined;
  states: Record<string, string>;
}

const TONES: Record<string, string> = {
  open: "processing", waiting: "processing", live: "success", active: "success", settled: "success",
  paid: "success", refused: "error", rejected: "error", cancelled: "default", frozen: "warning",
  suspended: "warning", closed: "default", expired: "default", revoked: "default",
};

/** A member of a row as people read it, by what it is. */
export function cell(field: Field, around: Around): ReactNode {
  return shown(field, around.row[field.name], around);
}

/** A value as text: what is neither text nor number nor switch, as JSON. */
export function plain(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

function shown(field: Field, value: unknown, around: Around): ReactNode {
  if (value === null || value === undefined || value === "") return "";
  if (field.name === "state") return state(plain(value), around);
  switch (field.kind) {
    case "amount":
      return <span className="whole amount">{amount(plain(value), around)}</span>;
    case "moment":
      return <span className="whole">{moment(Number(value), around.zh ? "zh" : "en")}</span>;
    case "duration":
      return <span className="whole">{Number(value) === 0 ? "" : duration(Number(value))}</span>;
    case "whole":
    case "count":
      return <span className="whole amount">{plain(value)}</span>;
    case "switch":
      return <YesNo on={value === true} />;
    case "nested":
      return nested(value);
    default:
      return word(field, plain(value), around);
  }
}

function amount(minor: string, around: Around): string {
  const asset = around.row["asset"];
  const decimals = typeof asset === "string" ? around.decimals.get(asset) : undefined;
  return typeof asset === "string" ? money(minor, asset, decimals) : minor;
}

function state(word: string, around: Around): ReactNode {
  const zh = around.states[word];
  return <Tag color={TONES[word] ?? "default"}>{around.zh && zh ? zh : word}</Tag>;
}

function YesNo({ on }: { on: boolean }) {
  const { t } = useTranslation();
  return on ? t("yes") : t("no");
}

function word(field: Field, text: string, around: Around): ReactNode {
  const long = text.length > 24 && !text.includes(" ");
  const said = long ? (
    <Tooltip title={text}>
      <span className="whole mono">{`${text.slice(0, 10)}…${text.slice(-8)}`}</span>
    </Tooltip>
  ) : (
    <span className={field.kind === "text" ? "" : "whole"}>{text}</span>
  );
  const path = field.record === "" ? undefined : around.pathOf(field.record);
  if (path === undefined) return said;
  return (
    <Link to="/lists/$plural/$key" params={{ plural: path, key: text }}>
      {said}
    </Link>
  );
}

function nested(value: unknown): ReactNode {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  if (Array.isArray(value)) return <span className="whole">{value.length}</span>;
  return <Typography.Text code>{JSON.stringify(value).slice(0, 80)}</Typography.Text>;
}

/** The last part of the path at which a record's rows are listed. */
export function partOf(record: RecordKind): string {
  return record.path.slice("/v1/".length);
}
