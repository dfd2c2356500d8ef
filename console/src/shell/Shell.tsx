import { BulbOutlined, GlobalOutlined, MenuOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Drawer, Dropdown, Grid, Input, Layout, Menu, theme as tokens, type MenuProps } from "antd";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useModules, type Module } from "../api/modules";
import { usePeople, useSwitch, useWho, type DemonstrationPerson } from "../api/session";
import { chooseLanguage, language, LANGUAGES } from "../words";
import { useTheme } from "./Look";

function useMenu(modules: Module[] | undefined): NonNullable<MenuProps["items"]> {
  const { t, i18n } = useTranslation();
  const zh = i18n.language === "zh";
  const fixed = [
    { key: "/", label: <Link to="/">{t("Explorer")}</Link> },
    { key: "/verify", label: <Link to="/verify">{t("Verify a receipt")}</Link> },
  ];
  const derived = (modules ?? [])
    .filter((one) => one.records.length + one.actions.length > 0)
    .map((one) => ({
      key: one.module,
      label: capital(zh ? one.label_zh : one.label),
      children: [
        ...one.records.map((record) => {
          const plural = record.path.slice("/v1/".length);
          return {
            key: `/lists/${plural}`,
            label: (
              <Link to="/lists/$plural" params={{ plural }} search={{}}>
                {capital(zh ? record.label_zh : record.label)}
              </Link>
            ),
          };
        }),
        {
          key: `${one.module} actions`,
          label: t("Actions"),
          children: one.actions.map((action) => ({
            key: `/act/${action.type}`,
            label: <Link to="/act/$type" params={{ type: action.type }}>{capital(zh ? action.label_zh : action.label)}</Link>,
          })),
        },
      ],
    }));
  return [...fixed, ...derived];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Navigation, search, language and theme around every page. */
export function Shell() {
  const { t } = useTranslation();
  const { token } = tokens.useToken();
  const wide = Grid.useBreakpoint().lg ?? true;
  const [open, setOpen] = useState(false);
  const { data } = useModules();
  const items = useMenu(data);
  const path = useLocation().pathname;
  const menu = (
    <nav aria-label={t("Pages")}>
      <Menu
        mode="inline"
        items={items}
        selectedKeys={[path]}
        defaultOpenKeys={(data ?? []).filter((one) => one.records.some((r) => path.endsWith(r.path.slice(3)))).map((one) => one.module)}
        onClick={() => setOpen(false)}
        style={{ borderInlineEnd: 0 }}
      />
    </nav>
  );
  return (
    <Layout style={{ minHeight: "100vh" }}>
      <a className="skip" href="#content">{t("Skip to the content")}</a>
      <Layout.Header
        style={{
          display: "flex", alignItems: "center", gap: 12, paddingInline: wide ? 24 : 12,
          background: token.colorBgContainer, borderBottom: `1px solid ${token.colorBorderSecondary}`,
          position: "sticky", top: 0, zIndex: 2,
        }}
      >
        {!wide && <Button type="text" icon={<MenuOutlined />} aria-label={t("Menu")} onClick={() => setOpen(true)} />}
        <Link to="/" style={{ fontWeight: 600, fontSize: 18, whiteSpace: "nowrap", color: token.colorText }}>
          {wide ? "Tongbao 通宝" : "通宝"}
        </Link>
        <SearchBox />
        <Choices wide={wide} />
      </Layout.Header>
      <Layout>
        {wide ? (
          <Layout.Sider width={248} style={{ background: token.colorBgContainer, overflow: "auto", height: "calc(100vh - 64px)", position: "sticky", top: 64 }}>
            {menu}
          </Layout.Sider>
        ) : (
          <Drawer open={open} onClose={() => setOpen(false)} placement="left" title="Tongbao 通宝" styles={{ body: { padding: 0 } }}>
            {menu}
          </Drawer>
        )}
        <Layout.Content id="content" role="main" style={{ padding: wide ? 24 : 12, minWidth: 0 }}>
          <Outlet />
        </Layout.Content>
      </Layout>
    </Layout>
  );
}

function SearchBox() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Input.Search
      style={{ flex: 1, maxWidth: 560, minWidth: 0 }}
      placeholder={t("Reference, UETR, account, block, party, amount or day")}
      aria-label={t("Search")}
      allowClear
      maxLength={140}
      onSearch={(q) => {
        const sought = q.trim();
        if (sought !== "") void navigate({ to: "/search", search: { q: sought } });
      }}
    />
  );
}

function Person({ wide }: { wide: boolean }) {
  const { t, i18n } = useTranslation();
  const who = useWho();
  const people = usePeople();
  const become = useSwitch();
  const zh = i18n.language === "zh";
  if (people.length === 0 && (who === undefined || who.party === "")) return null;
  const now = who === undefined || who.party === "" ? t("Anybody") : `${who.party}/${who.person}`;
  const parties = [...new Set(people.map((one) => one.party))];
  const items: NonNullable<MenuProps["items"]> = [
    { key: "nobody", label: t("Anybody: only what is public"), onClick: () => void become(undefined) },
    ...parties.map((party) => ({
      key: party,
      label: nameOf(people, party, zh),
      children: people
        .filter((one) => one.party === party)
        .map((one) => ({ key: `${party}/${one.person}`, label: one.person, onClick: () => void become(one) })),
    })),
  ];
  return (
    <Dropdown menu={{ items, selectedKeys: [now], style: { maxHeight: "70vh", overflow: "auto" } }} trigger={["click"]}>
      <Button type="text" icon={<UserOutlined />} aria-label={t("Who looks: {who}", { who: now })}>{wide ? now : null}</Button>
    </Dropdown>
  );
}

function nameOf(people: DemonstrationPerson[], party: string, zh: boolean): string {
  const known = people.find((one) => one.party === party);
  return known === undefined ? party : (zh && known.name_local) || known.name;
}

function Choices({ wide }: { wide: boolean }) {
  const { t } = useTranslation();
  const { theme, choose } = useTheme();
  const other = language() === "zh" ? "en" : "zh";
  return (
    <div style={{ display: "flex", marginInlineStart: "auto" }}>
      <Person wide={wide} />
      <Button type="text" icon={<GlobalOutlined />} lang={other} onClick={() => void chooseLanguage(other)}>
        {LANGUAGES[other]}
      </Button>
      <Button
        type="text"
        icon={<BulbOutlined />}
        aria-label={theme === "dark" ? t("Light colours") : t("Dark colours")}
        onClick={() => choose(theme === "dark" ? "light" : "dark")}
      />
    </div>
  );
}
