"""The report's sentences in both languages; the English one is the key."""

CHINESE = {
    "Validation report": "模型验证报告",
    "Recommended model": "推荐模型",
    "not the recommended model of its run": "非本次实验推荐的模型",
    "Model": "模型", "Target": "目标变量", "event": "事件值", "Rows": "样本数", "Event rate": "事件率",
    "Question": "建模目的", "Seed": "随机种子", "Fitted on": "训练样本",
    "response": "营销响应", "conversion": "成单转化", "default": "违约",
    "training rows only": "仅训练样本", "all labelled rows": "全部有标签样本",
    "Summary": "摘要", "Leaderboard": "排行榜", "Separation": "区分能力", "Lift and gains": "提升度与捕获率",
    "Calibration": "校准", "Stability over time": "时间稳定性", "Segments": "分群表现",
    "What the score rests on": "评分依据", "Three customers": "三位客户示例", "Scorecard": "评分卡",
    "How it was made": "建模过程", "Columns that were left out": "变量筛选记录", "Limits": "限制条件",
    "Search": "搜索过程", "Software": "软件版本",
    "Validation": "交叉验证", "Held out": "留出样本", "Out of time": "跨期样本", "Training": "训练样本",
    "Family": "算法", "Interval": "区间", "Lift": "提升度", "Log loss": "对数损失", "Brier": "布里尔分数",
    "Group": "组别", "Score from": "概率下限", "Events": "事件数", "Cum. events": "累计事件占比", "Cum. lift": "累计提升度",
    "Column": "变量", "Share": "占比", "Reason": "原因", "Points": "分值", "Bin": "分箱", "WOE": "WOE",
    "Period": "期间", "Segment": "分群", "Package": "软件包", "Version": "版本", "Setting": "参数", "Value": "取值",
    "high": "高分段客户", "near": "临界客户", "low": "低分段客户", "Kept": "满足", "Broken": "未满足", "Limit": "限制",
    "Probability": "概率", "Score": "评分",
    "In a random pair of one event and one non-event, the model puts the right one first %(auc)s of the time on rows it has not seen.":
        "在模型未见过的样本中，任取一个事件与一个非事件客户，模型有 %(auc)s 的概率排序正确。",
    "Intervals are at 95 %%; models whose difference is within chance are called ties (=). The arrow marks the recommended one.":
        "区间置信度为 95%%；差异在随机误差以内的模型视为并列（=），箭头为推荐模型。",
    "The best cut separates events from non-events by %(ks)s (KS).": "最佳切点下事件与非事件客户相差 %(ks)s（KS）。",
    "The top %(share)s of customers hold %(capture)s of the events, %(lift)s times as many as by chance.":
        "排名前 %(share)s 的客户包含 %(capture)s 的事件，是随机选择的 %(lift)s 倍。",
    "Where the model says a rate, %(ratio)s of it happened (actual / predicted).": "实际事件率为预测值的 %(ratio)s（实际/预测）。",
    "Each month is measured on its own; the shaded months were kept out of training.": "逐月评估；阴影月份未参与训练。",
    "There is no date column, so stability over time was not tested.": "数据没有日期列，未检验时间稳定性。",
    "The weakest segments first; those with fewer than 30 events or 100 rows are not judged.":
        "由弱到强排列；事件少于 30 或样本少于 100 的分群不作判断。",
    "%(column)s weighs most: %(share)s of all contributions.": "%(column)s 影响最大，占全部贡献的 %(share)s。",
    "From the typical customer to this one, in %(unit)s; the bars add up to the margin exactly.":
        "从典型客户到该客户，单位为 %(unit)s；各项相加恰为模型输出。",
    "Each bin's points add up to the score (600 at 50:1, 20 points double the odds).":
        "各分箱分值相加即为总分（50:1 时 600 分，每 20 分赔率翻倍）。",
    "%(count)s configurations were tried in %(seconds)s s: FLAML over all families, Optuna on the best. The rows set aside were read %(peeks)s time(s).":
        "共尝试 %(count)s 组参数，用时 %(seconds)s 秒：FLAML 搜索全部算法，Optuna 细化最优算法；留出样本读取 %(peeks)s 次。",
    "Measured on models that saw training rows only; the model that is shipped was then fitted on %(rows)s rows with the same settings.":
        "指标由仅见过训练样本的模型测得；交付模型随后以相同参数在 %(rows)s 行上训练。",
    "What was measured is what is shipped.": "所测模型即交付模型。",
}  # fmt: skip


def translated(text: str, language: str, **params: object) -> str:
    """Return a sentence in the language, with its places filled."""
    sentence = CHINESE.get(text, text) if language == "zh" else text
    return sentence % params if params or "%%" in sentence else sentence
