/* Every word of the study page, and how long a time is said. English plurals stand as "one|many". */
(function () {
  "use strict";
  const Study = window.Study = window.Study || {};

  Study.words = {
    zh: {
      // Overview
      due: "到期",
      fresh: "新卡",
      start: "开始学习",
      filters: "筛选卡片",
      chapter: "章节",
      everyChapter: "全部章节",
      tag: "类型",
      everyTag: "全部类型",
      scope: "范围",
      scopeDue: "到期卡与新卡",
      scopeAll: "全部，含未到期的",
      limited: "筛选范围内还有 {n} 张没学过；每天的上限在“设置与备份”里改。",
      doneForNow: "眼下没有要学的卡片。",
      nextIn: "下一张在{when}后到期。",
      noCards: "没有符合条件的卡片。",
      ahead: "提前复习 {n} 张",
      moreFresh: "再学 {n} 张新卡",

      // Progress, hardest cards
      progress: "各章进度",
      known: "已掌握",
      learning: "学习中",
      unseen: "未学",
      knownMeans: "“已掌握”：预计隔 {n} 天再考，仍有九成把握答对。",
      hardest: "最难的卡片",
      noHardest: "学过一阵之后，常忘的卡片会列在这里。",
      lapses: "忘过 {n} 次",
      difficulty: "难度 {n}/10",
      failedTimes: "重来 {n} 次",

      // Settings, backup
      settings: "设置与备份",
      newPerDay: "每天新卡上限",
      exportProgress: "导出进度",
      importProgress: "导入进度",
      whereKept: "进度只存在这台设备的浏览器里。导出的文件可以备份，也可以拿到另一台设备上导入；导入时逐卡合并，以最近一次复习为准。",
      lastBackup: "上次导出：{date}。",
      noBackup: "还没有导出过。",
      exported: "进度已导出。",
      imported: "导入完成：新增 {added} 张，更新 {updated} 张，{unchanged} 张没有变化。",
      unsaved: "浏览器的存储空间不够，其中 {n} 张没能存下来。",
      importFailed: "没有导入，现有进度未变。",
      "import-too-large": "文件太大，不会是导出的进度。",
      "import-not-json": "文件读不懂：它不是导出的进度，或者已经损坏。",
      "import-not-ours": "它不是从本书导出的进度。",
      "import-newer": "它来自本书更新的版本；请先更新到新版，再导入。",
      "import-invalid": "文件里有不合规的内容（{detail}），可能被改动过，或者已经损坏。",
      remind: "上次备份之后已复习 {n} 次。浏览器有时会清掉网站数据，最好导出一份进度。",
      dismiss: "知道了",

      // Troubles
      forbidden: "浏览器不让本页保存数据（可能是隐私模式，或网站设置里禁用了存储）。可以照常学习，但页面一关进度就没了；离开前请导出进度。",
      full: "浏览器的存储空间满了，刚才的复习没能存下来。请马上导出进度，再清理一些网站数据。",
      corrupt: "之前存的进度读不出来。坏数据已另存在浏览器里，没有删除；现在从空白进度开始。若有备份，请导入。",

      // Study
      end: "结束",
      left: "还剩 {n} 张",
      showAnswer: "显示答案",
      question: "问题",
      answer: "答案",
      card: "卡片",
      place: "到书中相应的位置",
      again: "重来",
      hard: "困难",
      good: "良好",
      easy: "简单",
      ratings: "记得怎么样？",
      undo: "撤销",
      language: "卡片语言",
      help: "快捷键",
      inCourse: "学习中",
      freshCard: "新卡",
      loadingCard: "正在读取这张卡片……",
      notLoaded: "这张卡片没能读出来。",
      retry: "重试",
      skip: "先跳过",

      // Said to screen readers
      saidCard: "{chapter}，还剩 {n} 张。",
      saidAnswer: "答案已显示。",
      saidRated: "{rating}，{interval}后再来。",
      saidUndone: "已撤销：{rating}。",
      saidNotUndone: "这张卡片之后又在别处复习过，不能撤销。",
      saidLanguage: "卡片语言：{language}。",
      saidElsewhere: "这张卡片刚在另一个标签页里复习过，换下一张。",

      // Summary
      summary: "这一轮学完了",
      stopped: "先学到这里",
      reviewed: "复习次数",
      cards: "卡片",
      againShare: "重来的比例",
      nextDue: "下一张到期",
      mostFailed: "这一轮最不熟的",
      toOverview: "返回总览",
      goOn: "继续学习",
      now: "现在",
      never: "无",

      // Help
      close: "关闭",
      keySpace: "空格",
      keyFlip: "显示答案",
      keyRate: "重来、困难、良好、简单",
      keyUndo: "撤销上一次评分",
      keyLanguage: "换一种语言显示卡片",
      keyHelp: "打开这张表",

      // Lengths of time
      lessThanMinute: "不到 1 分钟",
      minutes: "{n} 分钟",
      hours: "{n} 小时",
      days: "{n} 天",
      months: "{n} 个月",
      years: "{n} 年",
    },

    en: {
      due: "due",
      fresh: "new",
      start: "Start",
      filters: "Choose cards",
      chapter: "Chapter",
      everyChapter: "All chapters",
      tag: "Kind",
      everyTag: "All kinds",
      scope: "Which",
      scopeDue: "Due and new",
      scopeAll: "All, even if not due",
      limited: "{n} more card here has not been seen yet; the daily limit is under “Settings and backup”.|{n} more cards here have not been seen yet; the daily limit is under “Settings and backup”.",
      doneForNow: "Nothing to study right now.",
      nextIn: "The next card is due in {when}.",
      noCards: "No card fits these choices.",
      ahead: "Review {n} card ahead|Review {n} cards ahead",
      moreFresh: "Learn {n} more new card|Learn {n} more new cards",

      progress: "Progress by chapter",
      known: "known",
      learning: "learning",
      unseen: "not seen",
      knownMeans: "Known: asked again after {n} days, you would still get it right nine times in ten.",
      hardest: "Hardest cards",
      noHardest: "Cards that you keep forgetting will be listed here.",
      lapses: "forgotten {n} time|forgotten {n} times",
      difficulty: "difficulty {n}/10",
      failedTimes: "again {n} time|again {n} times",

      settings: "Settings and backup",
      newPerDay: "New cards a day",
      exportProgress: "Export progress",
      importProgress: "Import progress",
      whereKept: "Your progress is kept in this browser and nowhere else. The exported file is a backup, and carries it to another device; an import merges card by card, the latest review wins.",
      lastBackup: "Last export: {date}.",
      noBackup: "Never exported so far.",
      exported: "Progress exported.",
      imported: "Import finished: {added} added, {updated} updated, {unchanged} unchanged.",
      unsaved: "The browser's storage had no room for {n} of them.",
      importFailed: "Nothing was imported; your progress is as it was.",
      "import-too-large": "The file is too large to be exported progress.",
      "import-not-json": "The file cannot be read: it is not exported progress, or it is damaged.",
      "import-not-ours": "It is not progress exported from this book.",
      "import-newer": "It comes from a newer version of this book; update the book first.",
      "import-invalid": "It holds something that no review leaves ({detail}): it was altered, or is damaged.",
      remind: "{n} review since the last backup. Browsers sometimes clear what a site has stored: better export your progress.|{n} reviews since the last backup. Browsers sometimes clear what a site has stored: better export your progress.",
      dismiss: "Dismiss",

      forbidden: "The browser does not let this page store anything (a private window, or storage turned off for this site). You can study all the same, but the progress is gone when the page closes; export it before you leave.",
      full: "The browser's storage is full, so the last review was not saved. Export your progress now, then clear some site data.",
      corrupt: "The stored progress cannot be read. It has been set aside in the browser, not deleted, and this page starts afresh. If you have a backup, import it.",

      end: "End",
      left: "{n} left",
      showAnswer: "Show answer",
      question: "Question",
      answer: "Answer",
      card: "Card",
      place: "See it in the chapter",
      again: "Again",
      hard: "Hard",
      good: "Good",
      easy: "Easy",
      ratings: "How well did you know it?",
      undo: "Undo",
      language: "Language of the cards",
      help: "Keys",
      inCourse: "learning",
      freshCard: "new",
      loadingCard: "Loading this card …",
      notLoaded: "This card could not be loaded.",
      retry: "Try again",
      skip: "Skip it",

      saidCard: "{chapter}, {n} left.",
      saidAnswer: "Answer shown.",
      saidRated: "{rating}, again in {interval}.",
      saidUndone: "Undone: {rating}.",
      saidNotUndone: "That card has been reviewed elsewhere since; its rating stays.",
      saidLanguage: "Language of the cards: {language}.",
      saidElsewhere: "This card has just been reviewed in another tab; here is the next one.",

      summary: "Session finished",
      stopped: "Session ended",
      reviewed: "Reviews",
      cards: "Cards",
      againShare: "Rated again",
      nextDue: "Next card due",
      mostFailed: "Least familiar this time",
      toOverview: "To the overview",
      goOn: "Go on",
      now: "now",
      never: "none",

      close: "Close",
      keySpace: "Space",
      keyFlip: "Show the answer",
      keyRate: "Again, hard, good, easy",
      keyUndo: "Undo the last rating",
      keyLanguage: "Show the cards in another language",
      keyHelp: "Open this list",

      lessThanMinute: "under 1 min",
      minutes: "{n} min",
      hours: "{n} h",
      days: "{n} day|{n} days",
      months: "{n} month|{n} months",
      years: "{n} year|{n} years",
    },
  };

  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const UNITS = [[HOUR, MINUTE, "minutes"], [DAY, HOUR, "hours"], [30 * DAY, DAY, "days"], [365 * DAY, 30 * DAY, "months"], [Infinity, 365 * DAY, "years"]];

  function fill(template, values) {
    const forms = template.split("|");
    const form = forms.length > 1 && values.n !== 1 ? forms[1] : forms[0];
    return form.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /* One decimal where it matters: 2.5 months, but 31 days. */
  function rounded(amount, unit) {
    return unit === "months" || unit === "years" ? Math.round(amount * 10) / 10 : Math.round(amount);
  }

  /* Who speaks for an edition: in its first language, or in all of them where there is room for it. */
  Study.speaker = function (edition) {
    const languages = edition === "bi" ? ["zh", "en"] : [edition];

    const sayIn = (language, key, values = {}) => fill(Study.words[language][key], values);
    const say = (key, values) => sayIn(languages[0], key, values);

    function interval(ms) {
      if (ms < MINUTE) return say("lessThanMinute");
      // What would be rounded up to a whole larger unit is said in that one: 24 h is 1 day.
      const [, size, unit] = UNITS.find(([limit, size, unit]) => rounded(ms / size, unit) * size < limit);
      return say(unit, { n: rounded(ms / size, unit) });
    }

    return {
      say,
      interval,
      inEach: (key, values) => languages.map((language) => [language, sayIn(language, key, values)]),
      choose: (names) => names[languages[0]],
      chooseEach: (names) => languages.map((language) => [language, names[language]]),
    };
  };
})();
