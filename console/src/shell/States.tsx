import { Alert, Button, Empty, Result, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import { Problem } from "../api/client";

/** While something is asked for. */
export function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("Loading")}>
      <Skeleton active />
    </div>
  );
}

/** Why there is no answer, and what to do. */
export function Refused({ fault, again }: { fault: Error; again?: () => void }) {
  const { t, i18n } = useTranslation();
  const problem = fault instanceof Problem ? fault : undefined;
  if (problem?.status === 404) return <Absent />;
  const offline = problem?.status === 0;
  return (
    <Alert
      type="error"
      showIcon
      title={offline ? t("The node was not reached.") : (problem?.in(i18n.language) ?? fault.message)}
      description={
        offline
          ? t("Check the connection, and whether the node runs. What was sent may have arrived; sending the same again is safe.")
          : problem && problem.code > 0 && t("Code {code}: {name}", { code: problem.code, name: problem.codeName })
      }
      action={again && <Button onClick={again}>{t("Try again")}</Button>}
    />
  );
}

/** What is not there, or not for whoever asks: both look the same, on purpose. */
export function Absent() {
  const { t } = useTranslation();
  return (
    <Result
      status="404"
      title={t("Nothing is found here.")}
      subTitle={t("It does not exist, or you may not read it. Log in as somebody whom it concerns.")}
    />
  );
}

/** A list of nothing. */
export function Nothing() {
  const { t } = useTranslation();
  return <Empty description={t("Nothing to show.")} image={Empty.PRESENTED_IMAGE_SIMPLE} />;
}
