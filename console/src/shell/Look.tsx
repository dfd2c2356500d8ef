import { ConfigProvider, theme } from "antd";
import english from "antd/locale/en_US";
import chinese from "antd/locale/zh_CN";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

const KEPT = "tongbao.theme";
type Theme = "light" | "dark";

interface Chosen {
  theme: Theme;
  choose: (theme: Theme) => void;
}

const Context = createContext<Chosen>({ theme: "light", choose: () => undefined });

/** Light or dark, and how to choose. */
export function useTheme(): Chosen {
  return useContext(Context);
}

function first(): Theme {
  const kept = localStorage.getItem(KEPT);
  if (kept === "light" || kept === "dark") return kept;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** The node allows styles of this page alone: each answer has a nonce of its own. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
}

/** Colours, type and words of the components. */
export function Look({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const [chosen, set] = useState<Theme>(first);
  useEffect(() => {
    document.documentElement.dataset["theme"] = chosen;
  }, [chosen]);
  const value = useMemo<Chosen>(
    () => ({
      theme: chosen,
      choose: (one) => {
        localStorage.setItem(KEPT, one);
        set(one);
      },
    }),
    [chosen],
  );
  return (
    <Context.Provider value={value}>
      <ConfigProvider
        csp={{ nonce: nonce() }}
        locale={i18n.language === "zh" ? chinese : english}
        theme={{
          algorithm: chosen === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
          token: {
            colorPrimary: "#0b5cad",
            colorLink: chosen === "dark" ? "#6cb2ff" : "#0b5cad",
            borderRadius: 4,
            fontFamily:
              "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
          },
        }}
      >
        {children}
      </ConfigProvider>
    </Context.Provider>
  );
}
