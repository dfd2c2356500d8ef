import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Alert, Button, Flex, Form, List, Tabs, Typography } from "antd";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useDecimals } from "../api/assets";
import { ask, sendText } from "../api/client";
import type { Outcome } from "../api/outcome";
import { useModules, type ActionKind } from "../api/modules";
import { useWho } from "../api/session";
import type { Status } from "../explorer/Home";
import { Absent, Loading, Refused } from "../shell/States";
import { actionText, bodyText, Unfit, type Filled } from "./build";
import { FieldInput } from "./FieldInput";

const HOUR_MS = 3_600_000;

interface Simulated extends Outcome {
  approvals: { party: string; scope: string; keys: number; weight: number }[];
}

/** The form of any action: what would happen, what it costs, which rule refuses, before anything is signed. */
export function ActionPage() {
  const { type } = useParams({ from: "/act/$type" });
  const { data, error, refetch } = useModules();
  if (error) return <Refused fault={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const action = data.flatMap((one) => one.actions).find((one) => one.type === type);
  return action === undefined ? <Absent /> : <Act key={type} action={action} />;
}

function Act({ action }: { action: ActionKind }) {
  const { t, i18n } = useTranslation();
  const zh = i18n.language === "zh";
  const [form] = Form.useForm<Record<string, Filled>>();
  const kept = `tongbao.form.${action.type}`;
  const decimals = useDecimals();
  const who = useWho();
  const status = useQuery({ queryKey: ["status"], queryFn: ({ signal }) => ask<Status>("/v1/status", {}, signal) });
  const [body, setBody] = useState("");
  const tried = useMutation({ mutationFn: (text: string) => sendText<Simulated>("/v1/simulate", text) });
  const [unfit, setUnfit] = useState("");
  const tryIt = () => {
    if (status.data === undefined || who === undefined) return;
    try {
      const text = actionText(action.type, action.fields, form.getFieldsValue(true) as Record<string, Filled>, (asset) => decimals.get(asset));
      const whole = bodyText(status.data.chain, who.party, reference(), Date.now() + HOUR_MS, [text]);
      setUnfit("");
      setBody(whole);
      tried.mutate(whole);
    } catch (fault) {
      if (!(fault instanceof Unfit)) throw fault;
      setUnfit(`${fault.path}: ${reason(fault, t)}`);
    }
  };
  return (
    <Flex vertical gap="middle" style={{ maxWidth: 880 }}>
      <header>
        <Typography.Title level={1} style={{ fontSize: 22, marginBottom: 4 }}>{zh ? action.label_zh : action.label}</Typography.Title>
        <Typography.Text type="secondary">{zh ? action.meaning_zh : action.meaning}</Typography.Text>
      </header>
      {who?.party === "" && <Alert type="info" showIcon title={t("Choose who you are first: a dry run is for the party that you act for.")} />}
      <Form
        form={form}
        layout="vertical"
        initialValues={read(kept)}
        onValuesChange={(_, all) => localStorage.setItem(kept, JSON.stringify(all))}
        onFinish={tryIt}
      >
        {action.fields.map((field) => <FieldInput key={field.name} field={field} path={[field.name]} />)}
        <Flex gap="small">
          <Button type="primary" htmlType="submit" loading={tried.isPending} disabled={who === undefined || who.party === ""}>
            {t("What would happen")}
          </Button>
          <Button onClick={() => { form.resetFields(); localStorage.removeItem(kept); }}>{t("Empty the form")}</Button>
        </Flex>
      </Form>
      {unfit !== "" && <Alert type="warning" showIcon title={unfit} />}
      {tried.error !== null && <Refused fault={tried.error} />}
      {tried.data !== undefined && unfit === "" && <Result tried={tried.data} />}
      {body !== "" && <Copies body={body} />}
    </Flex>
  );
}

function reason(fault: Unfit, t: TFunction): string {
  switch (fault.reason) {
    case "missing": return t("is missing");
    case "amount": return t("is no amount of this asset");
    case "whole": return t("is no whole number");
  }
}

function reference(): string {
  return `C${crypto.randomUUID().replaceAll("-", "")}`;
}

/** A half-filled form outlives a reload. */
function read(kept: string): Record<string, Filled> {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? "{}") as Record<string, Filled>;
  } catch {
    return {};
  }
}

function Result({ tried }: { tried: Simulated }) {
  const { t, i18n } = useTranslation();
  const zh = i18n.language === "zh";
  const done = tried.code === 0;
  return (
    <section aria-live="polite" aria-label={t("What would happen")}>
      <Alert
        type={done ? "success" : "error"}
        showIcon
        title={done ? t("It would be done.") : t("It would be refused.")}
        description={done ? undefined : `${zh ? tried.text_zh : tried.text} (${tried.name}, ${tried.code})`}
      />
      {done && <List size="small" bordered style={{ marginTop: 8 }} dataSource={zh ? tried.sentences_zh : tried.sentences} renderItem={(one) => <List.Item>{one}</List.Item>} />}
      <List
        size="small"
        bordered
        style={{ marginTop: 8 }}
        header={t("Who has to approve")}
        dataSource={tried.approvals}
        renderItem={(one) => <List.Item>{t("{party}: {keys} keys for {scope}", { party: one.party, keys: one.keys, scope: one.scope })}</List.Item>}
      />
    </section>
  );
}

function Copies({ body }: { body: string }) {
  const { t } = useTranslation();
  const curl = `curl -X POST ${location.origin}/v1/simulate -H 'Content-Type: application/json' -H 'Authorization: Bearer TOKEN' --data '${body.replaceAll("'", "'\\''")}'`;
  const python = `import httpx\n\nbody = ${JSON.stringify(body)}\nprint(httpx.post("${location.origin}/v1/simulate", content=body,\n    headers={"Content-Type": "application/json", "Authorization": "Bearer TOKEN"}).json())`;
  const shown = (text: string) => <Typography.Paragraph copyable={{ text }}><pre className="mono" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{text}</pre></Typography.Paragraph>;
  return (
    <Tabs
      items={[
        { key: "body", label: t("What is signed"), children: shown(body) },
        { key: "curl", label: "curl", children: shown(curl) },
        { key: "python", label: "Python", children: shown(python) },
      ]}
    />
  );
}
