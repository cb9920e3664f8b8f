"""The report's sentences in both languages; the English one is the key."""
# ruff: noqa: E501 - a sentence and its translation stand best beside each other.

from typing import Any

from experiments.spec import ASKED
from experiments.telling import filled

CHINESE = {
    "Validation report": "模型验证报告",
    "Recommended model": "推荐模型",
    "not the recommended model of its run": "非本次实验推荐的模型",
    "Model": "模型", "Target": "目标变量", "event": "事件值", "Rows": "样本数", "Event rate": "事件率",
    "Question": "建模目的", "Seed": "随机种子", "Fitted on": "训练样本",
    "Marketing response": "营销响应", "Conversion": "成单转化", "Default": "违约",
    "Attrition": "流失",
    "training rows only": "仅训练样本", "all labelled rows": "全部有标签样本",
    "This result leans on %(columns)s, which the data check asks about and which are still in the model: a quick model reaches AUC %(auc_with)s with them and %(auc_without)s without. If they are filled in after the outcome, the second number is what to expect in use; then take them out and run again.":
        "本结果主要依靠 %(columns)s，数据检查对这些列有疑问，而它们仍在模型中：快速模型用这些列时 AUC 为 %(auc_with)s，不用时为 %(auc_without)s。如果这些列在结果发生之后才填写，实际使用时只能期待后一个数；请剔除这些列后重新运行。",
    "This result leans on %(columns)s, which the data check asks about and which is still in the model: a quick model reaches AUC %(auc_with)s with it and %(auc_without)s without. If it is filled in after the outcome, the second number is what to expect in use; then take it out and run again.":
        "本结果主要依靠 %(columns)s，数据检查对该列有疑问，而它仍在模型中：快速模型用该列时 AUC 为 %(auc_with)s，不用时为 %(auc_without)s。如果该列在结果发生之后才填写，实际使用时只能期待后一个数；请剔除该列后重新运行。",
    "The data check asks about every column of this model (%(columns)s). If they are filled in after the outcome, nothing is left of this result.":
        "数据检查对本模型的每一列（%(columns)s）都有疑问。如果它们在结果发生之后才填写，本结果就不成立。",
    "Summary": "摘要", "Leaderboard": "排行榜", "Separation": "区分能力", "Lift and gains": "提升度与捕获率",
    "Calibration": "校准", "Stability over time": "时间稳定性", "Segments": "分群表现",
    "What the score rests on": "分数依据", "Three customers": "三位客户示例", "Reasons": "原因",
    "Protected columns, kept out of the model: %(columns)s.": "受保护列，未入模：%(columns)s。",
    "Protected columns, which the model may read but never gives as a reason: %(columns)s.":
        "受保护列，可入模但不作为原因：%(columns)s。",
     "Scorecard": "评分卡",
    "How it was made": "建模过程", "Columns that were left out": "变量筛选记录", "Limits": "限制条件",
    "Search": "搜索过程", "Software": "软件版本",
    "Validation": "验证", "Held out": "留出样本", "Out of time": "跨时间样本", "Training": "训练样本",
    "Generated columns": "衍生列", "Formula": "公式", "Why it was kept": "保留理由",
    "These columns are computed from the others of the same row. Each was kept because it helped models on rows they had not seen, beyond the columns it is made of.":
        "这些列由同一行的其他列计算得出；每列都因其在来源列之外、对模型未见过的样本有帮助而保留。",
    "%(name)s explains more of what the original columns leave open (%(strength)s) than they do themselves (%(sources)s), and brings %(gain)s %% of a quick model's gain, where the best random column brings %(random)s %%.":
        "%(name)s 能解释原始列未能解释的部分（%(strength)s），多于这些列自身（%(sources)s）；它占快速模型增益的 %(gain)s %%，而最好的随机列只占 %(random)s %%。",
    "Family": "算法", "Interval": "区间", "Lift": "提升度", "Log loss": "对数损失", "Brier": "布里尔分数",
    "Group": "组别", "Score from": "概率下限", "Events": "事件数", "Cum. events": "累计事件占比", "Cum. lift": "累计提升度",
    "Column": "变量", "Share": "占比", "Reason": "原因", "Points": "分值", "Bin": "分箱", "WOE": "WOE",
    "Period": "期间", "Segment": "分群", "Package": "软件包", "Version": "版本", "Setting": "参数", "Value": "取值",
    "High score": "高分客户", "Near the cut-off": "临近切点的客户", "Low score": "低分客户",
    "High risk": "高风险客户", "Low risk": "低风险客户", "log-odds": "对数胜算",
    "Random forest": "随机森林", "Extra trees": "极端随机树", "Linear model": "线性模型", "WOE scorecard": "WOE 评分卡",
    "Explainable boosting": "可解释提升树", "Histogram boosting": "直方图提升树",
    "Logistic regression (baseline)": "逻辑回归（基线）", "Searched by": "搜索方式", "State": "状态", "Seconds": "秒",
    "finished": "已完成", "pruned": "提前停止", "failed": "失败", "fixed setting": "固定参数", "first look": "首轮试跑", "response link": "响应环节", "conversion link": "转化环节", "probability": "概率", "Kept": "满足", "Broken": "未满足", "Above the limit, within chance": "高于上限，仍在误差之内", "Limit": "限制",
    "Probability": "概率", "Score": "分数",
    "In a random pair of one event and one non-event, the model puts the right one first %(auc)s of the time on rows it has not seen.":
        "在模型未见过的样本中，任取一个事件与一个非事件客户，模型有 %(auc)s 的概率排序正确。",
    "Intervals are at 95 %%; models that cannot be told from the recommended one (→) by a paired test of AUC, with Holm's correction for several models, are called ties (=).":
        "区间置信度为 95%%；对 AUC 做配对检验（多个模型按 Holm 法校正）后，与推荐模型（→）分不出高低的模型视为并列（=）。",
    "The best cut separates events from non-events by %(ks)s (KS).": "最佳切点下事件与非事件客户相差 %(ks)s（KS）。",
    "The top %(share)s of customers hold %(capture)s of the events, %(lift)s times as many as by chance.":
        "排名前 %(share)s 的客户包含 %(capture)s 的事件，是随机选择的 %(lift)s 倍。",
    "Where the model says a rate, %(ratio)s of it happened (actual / predicted).": "实际事件率为预测值的 %(ratio)s（实际/预测）。",
    "Each month is measured on its own; the shaded months were kept out of training.": "逐月评估；阴影月份未参与训练。",
    "Sample definition": "样本定义", "All rows": "全部行",
    "Stability over time was not tested.": "未检验随时间的稳定性。",
    "The weakest segments first; those with fewer than %(least_events)s events or %(least_rows)s rows are not judged.":
        "由弱到强排列；事件少于 %(least_events)s 或样本少于 %(least_rows)s 的分群不作判断。",
    "too few to judge": "样本不足", "Too few to judge": "样本不足，不作判断",
    "%(column)s weighs most: %(share)s of all contributions.": "%(column)s 影响最大，占全部贡献的 %(share)s。",
    "From the typical customer to this one, in %(unit)s; the bars add up to the margin exactly.":
        "从典型客户到该客户，单位为%(unit)s；各项相加恰为模型输出。",
    "Each bin's points add up to the score (600 at 50:1, 20 points double the odds).":
        "各分箱分值相加即为总分（50:1 时 600 分，每 20 分赔率翻倍）。",
    "The table's event rate of %(sample)s was stated to be %(population)s in the population: the model's probabilities are corrected to it, while measures and charts show the table as it is.":
        "建模样本的事件率为 %(sample)s，已声明总体事件率为 %(population)s：模型给出的概率已按总体校正，指标与图表仍按样本本身展示。",
    "%(count)s trials and %(beside)s models that every run makes, in %(seconds)s s: FLAML over all families, Optuna on the best. The rows set aside were read %(peeks)s times.":
        "共 %(count)s 组试验，另有 %(beside)s 个每次必做的模型，用时 %(seconds)s 秒：FLAML 搜索全部算法，Optuna 细化最优算法；留出样本读取 %(peeks)s 次。",
    "Measured on models that saw training rows only; the model that is shipped was then fitted on %(rows)s rows with the same settings.":
        "指标由仅见过训练样本的模型测得；交付模型随后以相同参数在 %(rows)s 行上训练。",
    "What was measured is what is shipped.": "所测模型即交付模型。",
}  # fmt: skip


# The engine's own sentences, which the platform translates from its catalogues; a report has none at hand.
CHINESE |= {
    "Best AUC in cross-validation (%(auc)s) among the single models that keep all limits.":
        "在满足全部限制的单一模型中，验证 AUC 最高（%(auc)s）。",
    "AUC %(auc)s in cross-validation, within chance of the best (%(best)s); its probabilities are closer to what came.":
        "验证 AUC 为 %(auc)s，与最高值（%(best)s）相差在随机误差以内，且概率更贴近实际结果。",
    "Best AUC in cross-validation (%(auc)s), but no model keeps all limits: %(limits)s. Look at it before you use it.":
        "验证 AUC 最高（%(auc)s），但没有模型满足全部限制：%(limits)s，使用前请复核。",
    "You asked for an explainable model first: this scorecard reaches AUC %(auc)s, %(price)s below the best model, which is within the price of 0.01 that explainability may have.":
        "按“可解释优先”：评分卡 AUC 为 %(auc)s，比最佳模型低 %(price)s，在可解释性允许的 0.01 以内。",
    "Cannot be told apart from %(best)s: the difference of %(difference)s AUC is within chance.":
        "与 %(best)s 无显著差异：AUC 相差 %(difference)s，在随机误差以内。",
    "Behind %(best)s by %(difference)s AUC.": "AUC 比 %(best)s 低 %(difference)s。",
    "Breaks a limit: %(limits)s.": "未满足限制：%(limits)s。",
    "The baseline shows what five columns and a straight line reach; a model has to beat it.":
        "基线仅用五个变量的线性模型，其他模型须优于它。",
    "KS falls by %(value)s, from %(train)s on training rows to %(held_out)s on rows set aside; the limit is %(limit)s.":
        "KS 下降 %(value)s：训练样本 %(train)s，留出样本 %(held_out)s；上限 %(limit)s。",
    "KS rises by %(value)s, from %(train)s on training rows to %(held_out)s on rows set aside; the limit of a fall is %(limit)s.":
        "KS 上升 %(value)s：训练样本 %(train)s，留出样本 %(held_out)s；下降的上限 %(limit)s。",
    "KS falls by %(value)s, from %(train)s on training rows to %(held_out)s on rows set aside; the limit is %(limit)s, which is %(share)s of the training KS and more than %(least)s.":
        "KS 下降 %(value)s：训练样本 %(train)s，留出样本 %(held_out)s；上限 %(limit)s，即训练 KS 的 %(share)s（大于 %(least)s，取较大者）。",
    "Above a limit, though by no more than chance may give: %(limits)s.": "高于限制，但幅度仍在随机误差以内：%(limits)s。",
    "KS falls by %(value)s from training rows to rows set aside; the limit is %(limit)s.":
        "从训练样本到留出样本 KS 下降 %(value)s，限制为 %(limit)s。",
    "The score's PSI on rows set aside is %(value)s; the limit is %(limit)s.": "留出样本分数 PSI 为 %(value)s，限制为 %(limit)s。",
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds, and keep %(held_from)s to %(held_to)s as out-of-time test.":
        "以 %(train_from)s 至 %(train_to)s 的样本做 %(folds)s 折训练，%(held_from)s 至 %(held_to)s 留作跨时间测试。",
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds grouped by %(group)s, and keep %(held_from)s to %(held_to)s as out-of-time test.":
        "以 %(train_from)s 至 %(train_to)s 的样本按 %(group)s 分组做 %(folds)s 折训练，%(held_from)s 至 %(held_to)s 留作跨时间测试。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds, and keep a random %(held_share)s %% as held-out test. There is no date column, so stability over time is not tested.":
        "以 %(train_share)s%% 的样本做 %(folds)s 折训练，随机留出 %(held_share)s%% 作为测试。数据没有日期列，未检验时间稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds drawn by chance, and keep a random %(held_share)s %% as held-out test. No observation date is given, so stability over time is not tested.":
        "以 %(train_share)s%% 的样本做随机 %(folds)s 折训练，随机留出 %(held_share)s%% 作为测试。没有指定观察日期，未检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random %(held_share)s %% as held-out test. No observation date is given, so stability over time is not tested.":
        "以 %(train_share)s%% 的样本按 %(group)s 分组做 %(folds)s 折训练，随机留出 %(held_share)s%% 作为测试。没有指定观察日期，未检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds drawn by chance, and keep a random %(held_share)s %% as held-out test. The dates cannot divide the rows, so stability over time is not tested.":
        "以 %(train_share)s%% 的样本做随机 %(folds)s 折训练，随机留出 %(held_share)s%% 作为测试。日期无法划分样本，未检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random %(held_share)s %% as held-out test. The dates cannot divide the rows, so stability over time is not tested.":
        "以 %(train_share)s%% 的样本按 %(group)s 分组做 %(folds)s 折训练，随机留出 %(held_share)s%% 作为测试。日期无法划分样本，未检验随时间的稳定性。",
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random %(held_share)s %% as held-out test. There is no date column, so stability over time is not tested.":
        "以 %(train_share)s%% 的样本按 %(group)s 分组做 %(folds)s 折训练，随机留出 %(held_share)s%% 作为测试。数据没有日期列，未检验时间稳定性。",
    "%(column)s does not split customers into groups that differ.": "%(column)s 无法区分客户。",
    "%(column)s tells no more than chance (information value %(iv)s, chance alone %(floor)s).":
        "%(column)s 的信息价值 %(iv)s 不高于随机水平 %(floor)s。",
    "%(column)s says nearly the same as %(other)s (correlation %(correlation)s).":
        "%(column)s 与 %(other)s 高度相关（相关系数 %(correlation)s）。",
    "%(column)s is repeated by the other columns together (variance inflation %(vif)s).":
        "%(column)s 可由其他变量共同表示（VIF %(vif)s）。",
    "%(column)s: its sign flips in the joint model.": "%(column)s 与其他变量同时入模时符号反转。",
    "%(column)s adds nothing certain (p = %(p_value)s).": "%(column)s 不显著（p = %(p_value)s）。",
    "%(column)s is on the card (information value %(iv)s, chance alone %(floor)s).":
        "%(column)s 入模（信息价值 %(iv)s，随机水平 %(floor)s）。",
    "%(column)s carries %(share)s %% of the card's points; more than %(limit)s %% is much for one column.":
        "%(column)s 占评分卡分值区间的 %(share)s%%，超过 %(limit)s%%，单个变量占比过高。",
    "%(column)s is weaker than the %(limit)s strongest columns, which are as many as the data can bear.":
        "%(column)s 弱于最强的 %(limit)s 个变量，样本量只能支持这么多。",
    "Each bin's points add up to the customer's points: the more, the likelier the event (20 points double the odds).":
        "各变量所在分箱的分值相加即为客户的总分值：分值越高，事件越可能发生（每 20 分，事件与非事件之比翻一番）。",
    "Response chain": "响应—转化链",
    "KS rises by %(value)s from training rows to rows set aside; the limit of a fall is %(limit)s.":
        "从训练样本到留出样本 KS 上升 %(value)s；下降的限制为 %(limit)s。",
    "Best AUC in cross-validation (%(auc)s) among the single models that break no limit.":
        "在未突破任何限制的单一模型中，验证 AUC 最高（%(auc)s）。",
    "Too few rows or events were set aside to judge these limits: %(limits)s.":
        "留出的样本或事件太少，无法判断这些限制：%(limits)s。",
    "Validation itself has too few to judge, %(events)s events in %(rows)s rows: which model is best may be chance.":
        "验证样本本身不足以判断（%(rows)s 行中 %(events)s 个事件）：哪个模型最好可能只是偶然。",
    "Too few to judge: %(events)s events in %(rows)s rows. At least %(least_events)s events, as many rows without and %(least_rows)s rows in all are needed.":
        "样本不足，不作判断：%(rows)s 行中 %(events)s 个事件。至少需要 %(least_events)s 个事件、同样多的非事件，以及共 %(least_rows)s 行。",
    "Intervals, with %(count)s rows of the rarer outcome: AUC and Gini by Newcombe's method or DeLong's with Student's t, whichever is wider; KS by Smirnov's band; lift and capture exact (Clopper and Pearson); log loss and Brier by outcome (MOVER); calibration slope with Student's t. They hold at few events, and are wide.":
        "区间方法（较少一类 %(count)s 行）：AUC 与 Gini 取 Newcombe 法与 DeLong 法（Student t）中较宽者；KS 用 Smirnov 置信带；提升度与捕获率用 Clopper–Pearson 精确区间；对数损失与 Brier 按结果分别估计后合并（MOVER）；校准斜率用 Student t。事件少时仍然可靠，因而较宽。",
    "Intervals: AUC and Gini by DeLong on the logit scale; lift and capture by the bootstrap; KS by the bootstrap, its lower end moved down by its bias; log loss, Brier and calibration by large-sample errors. Where customers repeat, whole customers are drawn.":
        "区间方法：AUC 与 Gini 用 DeLong 法（logit 尺度）；提升度与捕获率用自助法；KS 用自助法，下限按其偏差下调；对数损失、Brier 与校准用大样本误差。客户重复出现时按整位客户抽样。",
    "Best AUC in cross-validation (%(auc)s) among the single models.":
        "验证 AUC 在单一模型中最高（%(auc)s）。",
    "Best AUC in cross-validation (%(auc)s) among the models besides the baseline.":
        "除基线外，验证 AUC 最高（%(auc)s）。",
    "AUC %(auc)s in cross-validation, %(difference)s below the highest (%(best)s), which loses more of what it reached on training rows.":
        "验证 AUC %(auc)s，比最高值（%(best)s）低 %(difference)s，但后者从训练样本到其他样本的下降更大。",
    "AUC %(auc)s in cross-validation, %(difference)s below the highest (%(best)s); what a model loses from training rows to others and its log loss counted as well.":
        "验证 AUC %(auc)s，比最高值（%(best)s）低 %(difference)s；选择时还考虑了训练样本与其他样本之间的下降以及对数损失。",
    "You asked for an explainable model first: this scorecard reaches AUC %(auc)s, %(price)s below the best model it competes with, which is within the price of %(limit)s that explainability may have.":
        "按“可解释优先”：评分卡 AUC 为 %(auc)s，比同场最佳模型低 %(price)s，在可解释性允许的 %(limit)s 以内。",
    "No single model keeps all limits: %(limits)s. Look at it before you use it.":
        "没有单一模型满足全部限制，它未满足：%(limits)s，使用前请复核。",
    "Ahead of %(best)s by %(difference)s AUC; it was measured only after that one had been taken.":
        "AUC 高于 %(best)s %(difference)s；它在选定后者之后才完成评估。",
    "The search was ended, so this one was taken from the models measured first: AUC %(auc)s in cross-validation. Of all, the rule would take %(candidate)s, AUC %(other)s.":
        "因提前结束搜索，从最先完成评估的模型中选定：验证 AUC %(auc)s。若按规则在全部模型中选，应为 %(candidate)s，AUC %(other)s。",
    "Every other single model breaks a limit; the best of them reaches AUC %(best)s, %(difference)s more.":
        "其他单一模型都超出了某项限制，其中最高的 AUC 为 %(best)s，高 %(difference)s。",
    "Single models that break a limit reach up to AUC %(best)s, %(difference)s more.":
        "未满足限制的单一模型中，AUC 最高达 %(best)s，高 %(difference)s。",
    "The baseline, a straight line through five columns, reaches AUC %(best)s, %(difference)s more.":
        "仅用五个变量的线性基线 AUC 达 %(best)s，高 %(difference)s。",
    "The same AUC as %(best)s.":
        "AUC 与 %(best)s 相同。",
    "Ahead of %(best)s by %(difference)s AUC; what a model loses from training rows to others and its log loss counted as well.":
        "AUC 比 %(best)s 高 %(difference)s；选择时还考虑了训练样本与其他样本之间的下降以及对数损失。",
    "Ahead of %(best)s by %(difference)s AUC, within the price of %(limit)s that explainability may have.":
        "AUC 比 %(best)s 高 %(difference)s，在可解释性允许的 %(limit)s 以内。",
    "Adds up several models. It is %(difference)s AUC ahead of %(best)s, for no more work a row; take it where that is worth more than one model that is easier to explain and to keep.":
        "由多个模型加权相加，AUC 比 %(best)s 高 %(difference)s，且每行计算量不增加；仅当这一提升比单一模型的易解释、易维护更有价值时选用。",
    "%(column)s tells no more than chance (information value %(iv)s, up to %(by_chance)s by chance alone).":
        "%(column)s 的信息价值 %(iv)s 不高于随机可达的水平（%(by_chance)s）。",
    "Without the directions KS would change by %(ks)s and AUC by %(auc)s.":
        "若不限定方向，KS 变化 %(ks)s，AUC 变化 %(auc)s。",
    "Adds up several models, and gains nothing over %(best)s by it.":
        "由多个模型加权相加，但相对 %(best)s 没有提升。",
    "Adds up several models. It is %(difference)s AUC ahead of %(best)s, for %(times)s times the work a row; take it where that is worth more than one model that is easier to explain and to keep.":
        "由多个模型加权相加，AUC 比 %(best)s 高 %(difference)s，每行计算量为其 %(times)s 倍；仅当这一提升比单一模型的易解释、易维护更有价值时选用。",
    "The model reads %(value)s columns; the limit is %(limit)s.":
        "模型读取 %(value)s 个变量，限制为 %(limit)s 个。",
    "Scoring a row takes %(value)s ms; the limit is %(limit)s ms.":
        "每行打分耗时 %(value)s 毫秒，限制为 %(limit)s 毫秒。",
    "The probability moves against the direction asked for in %(value)s of the checks; the limit is %(limit)s.":
        "在检查的步骤中，有 %(value)s 的概率变化与指定方向相反，限制为 %(limit)s。",
    "Ensemble": "集成模型",
    "log-probability": "对数概率",
    "%(column)s is not among the %(limit)s most promising columns at first sight.":
        "%(column)s 初筛未进入前 %(limit)s 个变量。",
}  # fmt: skip

FAMILIES = {
    "lightgbm": "LightGBM", "xgboost": "XGBoost", "catboost": "CatBoost", "random_forest": "Random forest",
    "extra_trees": "Extra trees", "linear": "Linear model", "explainable_boosting": "Explainable boosting",
    "hist_gradient_boosting": "Histogram boosting", "scorecard": "WOE scorecard",
    "baseline": "Logistic regression (baseline)", "ensemble": "Ensemble", "chain": "Response chain",
}  # fmt: skip

# The codes in which a sentence names limits.
LIMIT_NAMES = {name: one.said for name, one in ASKED.items() if one.said} | {"monotone": "directions asked for"}
CHINESE |= {
    "fall of KS from training to held-out rows": "训练到留出样本的 KS 下降",
    "shift of the score (PSI) on held-out rows": "留出样本分数偏移（PSI）",
    "number of columns read": "读取的变量数", "milliseconds to score a row": "每行打分毫秒数",
    "directions asked for": "指定的方向",
}  # fmt: skip

LINKS = {"response": "response link", "conversion": "conversion link"}
BACKENDS = {"flaml": "FLAML", "optuna": "Optuna", "fixed": "fixed setting", "first_look": "first look"}
EXAMPLES = {"high": "High score", "near": "Near the cut-off", "low": "Low score"}
RISK_EXAMPLES = {"high": "High risk", "near": "Near the cut-off", "low": "Low risk"}

CHART_WORDS = {
    "train": "训练", "validation": "验证", "held_out": "留出样本", "out_of_time": "跨时间样本", "chance": "随机",
    "perfect": "完美", "exact": "完全一致", "events": "事件", "non_events": "非事件", "customers": "客户", "others": "项其他",
    "low_value": "取值低", "high_value": "取值高", "start": "起点", "typical_customer": "典型客户",
    "this_customer": "该客户", "missing": "缺失", "quota": "联系比例", "false_alarms": "覆盖的非事件客户",
    "events_reached": "覆盖的事件客户", "customers_contacted": "联系的客户", "customers_by_score": "客户（分数由高到低）",
    "lift": "提升度", "predicted": "预测", "actual": "实际", "effect": "对分数的影响", "mean_effect": "对分数的平均影响",
    "probability": "概率", "score": "分数", "people": "灰色：客户数",
}  # fmt: skip


def translated(text: str, language: str, *, always_fill: bool = False, **params: object) -> str:
    """Return a sentence in the language, with its places filled."""
    sentence = CHINESE.get(text, text) if language == "zh" else text
    return filled(sentence, params) if always_fill or params or "%%" in sentence else sentence


def named(params: dict[str, Any], language: str, *, families: bool = True) -> dict[str, Any]:
    """Give the codes in a sentence's places the names that people know."""
    between = "、" if language == "zh" else ", "
    found = {key: between.join(map(str, one)) if isinstance(one, list) else one for key, one in params.items()}
    if families and found.get("best") in FAMILIES:
        found["best"] = translated(FAMILIES[found["best"]], language)
    if isinstance(found.get("limits"), str):
        codes = found["limits"].split(", ")
        found["limits"] = ", ".join(translated(LIMIT_NAMES.get(code, code), language) for code in codes)
    return found
