import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import chinese from "./zh.json";

/** The languages that people read; English stands in the code, Chinese in the catalogue. */
export const LANGUAGES = { en: "English", zh: "中文" } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = "tongbao.language";

/** The language that was chosen, else the browser's, else English. */
export function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT) ?? navigator.language;
  return kept.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Start the words: keys are the English texts themselves. */
export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: firstLanguage(),
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    contextSeparator: "\u0004",
    resources: { zh: { translation: chinese } },
    interpolation: { prefix: "{", suffix: "}", escapeValue: false },
    returnEmptyString: false,
  });
  document.documentElement.lang = i18next.language;
}

/** Read everything in another language from now on. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** The language of the screen. */
export function language(): Language {
  return i18next.language === "zh" ? "zh" : "en";
}
