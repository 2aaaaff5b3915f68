// Posts each answer of this form to npsbot. Fill in the two lines below, then run `install` once.
const ADDRESS = 'https://bot.example.com/webhooks/google_forms';
const SECRET = 'the secret of the source';

const WAITS_SECONDS = [0, 5, 30, 120];

function install() {
  for (const trigger of ScriptApp.getProjectTriggers()) {
    if (trigger.getHandlerFunction() === 'answered') ScriptApp.deleteTrigger(trigger);
  }
  ScriptApp.newTrigger('answered').forForm(FormApp.getActiveForm()).onFormSubmit().create();
  deliver({ test: true });
}

function answered(event) {
  deliver({
    formId: event.source.getId(),
    formTitle: event.source.getTitle(),
    responseId: event.response.getId(),
    submittedAt: event.response.getTimestamp().toISOString(),
    respondentEmail: event.response.getRespondentEmail(),
    answers: event.response.getItemResponses().map(described),
  });
}

// A scale is sent with its ends, so that npsbot can tell 0 to 10 from 1 to 5.
function described(given) {
  const item = given.getItem();
  const answer = {
    id: String(item.getId()),
    title: item.getTitle(),
    type: String(item.getType()),
    value: given.getResponse(),
  };
  if (answer.type === 'SCALE') {
    answer.lowest = item.asScaleItem().getLowerBound();
    answer.highest = item.asScaleItem().getUpperBound();
  }
  if (answer.type === 'RATING') answer.lowest = 1;
  return answer;
}

// Google tries a trigger once, so trying again is ours to do; npsbot knows an answer that comes twice.
function deliver(body) {
  let said = '';
  for (const seconds of WAITS_SECONDS) {
    Utilities.sleep(seconds * 1000);
    try {
      const answer = UrlFetchApp.fetch(ADDRESS, {
        method: 'post',
        contentType: 'application/json',
        headers: { Authorization: `Bearer ${SECRET}` },
        payload: JSON.stringify(body),
        muteHttpExceptions: true,
      });
      if (answer.getResponseCode() < 300) return;
      said = `${answer.getResponseCode()} ${answer.getContentText()}`;
    } catch (unreachable) {
      said = String(unreachable);
    }
  }
  throw new Error(`npsbot did not take the answer: ${said}`);
}
