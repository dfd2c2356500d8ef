import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Button, Card, DatePicker, Flex, Form, Input, Select, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";

import { ask, type Page } from "../api/client";
import { recordNamed, useModules, type Field } from "../api/modules";

type Path = (string | number)[];

/** The input of any field, by what it is. */
export function FieldInput({ field, path }: { field: Field; path: Path }) {
  const { t, i18n } = useTranslation();
  const zh = i18n.language === "zh";
  const label = zh ? field.label_zh : field.label;
  if (field.listed) return <Several field={field} path={path} label={label} />;
  if (Object.keys(field.variants).length > 0) return <OneOf field={field} path={path} label={label} />;
  if (field.fields.length > 0) {
    return (
      <Card size="small" title={label} style={{ marginBottom: 16 }}>
        {field.fields.map((one) => <FieldInput key={one.name} field={one} path={[...path, one.name]} />)}
      </Card>
    );
  }
  return (
    <Form.Item
      name={path}
      label={label}
      required={field.required}
      extra={field.kind === "amount" ? t("In units of the asset, such as 1,250.50.") : zh ? field.meaning_zh : field.meaning}
      {...(field.kind === "switch" ? { valuePropName: "checked" } : {})}
      {...(field.kind === "moment" ? { getValueProps: toDate, normalize: fromDate } : {})}
    >
      {control(field)}
    </Form.Item>
  );
}

/** A date picker holds a date, the form milliseconds in digits. */
function toDate(value: unknown): { value: Dayjs | null } {
  return { value: typeof value === "string" && value !== "" ? dayjs(Number(value)) : null };
}

function fromDate(value: Dayjs | null): string {
  return value === null ? "" : String(value.valueOf());
}

function control(field: Field) {
  if (field.kind === "switch") return <Switch />;
  if (field.kind === "moment") return <DatePicker showTime style={{ width: 260 }} />;
  if (field.choices.length > 0) return <Select allowClear options={field.choices.map((value) => ({ value, label: value }))} />;
  if (field.record !== "") return <Known record={field.record} />;
  if (field.kind === "amount") return <Input inputMode="decimal" style={{ width: 260, textAlign: "right" }} autoComplete="off" />;
  return <Input autoComplete="off" />;
}

/** Ids of rows that whoever looks may read; anything else may be typed. */
function Known(given: { record: string; id?: string; value?: string; onChange?: (value: string) => void }) {
  const { record, ...rest } = given;
  const { data: modules } = useModules();
  const kind = modules === undefined ? undefined : recordNamed(modules, record);
  const { data } = useQuery({
    queryKey: ["known", kind?.path],
    queryFn: ({ signal }) => ask<Page<Record<string, unknown>>>(kind?.path ?? "", { limit: 200 }, signal),
    enabled: kind !== undefined,
    staleTime: 30_000,
  });
  const key = kind?.key[0] ?? "";
  const options = (data?.items ?? []).map((row) => row[key]).filter((one): one is string => typeof one === "string");
  return (
    <AutoComplete
      {...rest}
      options={[...new Set(options)].map((value) => ({ value }))}
      showSearch={{ filterOption: (typed, option) => (option?.value ?? "").includes(typed) }}
      style={{ maxWidth: 420 }}
    />
  );
}

function Several({ field, path, label }: { field: Field; path: Path; label: string }) {
  const { t } = useTranslation();
  const one: Field = { ...field, listed: false, label: "", label_zh: "" };
  return (
    <Card size="small" title={label} style={{ marginBottom: 16 }}>
      <Form.List name={path}>
        {(items, { add, remove }) => (
          <>
            {items.map((item) => (
              <Flex key={item.key} gap="small" align="start">
                <div style={{ flex: 1, minWidth: 0 }}><FieldInput field={one} path={[item.name]} /></div>
                <Button type="text" icon={<MinusCircleOutlined />} aria-label={t("Remove")} onClick={() => remove(item.name)} />
              </Flex>
            ))}
            <Button icon={<PlusOutlined />} onClick={() => add(field.fields.length > 0 ? {} : "")}>{t("Add")}</Button>
          </>
        )}
      </Form.List>
    </Card>
  );
}

function OneOf({ field, path, label }: { field: Field; path: Path; label: string }) {
  const chosen = Form.useWatch<string | undefined>([...path, "variant"]);
  const fields = chosen === undefined ? [] : (field.variants[chosen] ?? []);
  return (
    <Card size="small" title={label} style={{ marginBottom: 16 }}>
      <Form.Item name={[...path, "variant"]} required={field.required}>
        <Select options={Object.keys(field.variants).map((value) => ({ value, label: value }))} />
      </Form.Item>
      {fields.map((one) => <FieldInput key={one.name} field={one} path={[...path, one.name]} />)}
    </Card>
  );
}
